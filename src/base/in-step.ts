import type { Clock } from './clock.ts';

/**
 * About `ms`, so that it is over at a full second of this process, or another step. To wake a process that rests costs more than the
 * little that most timers do then: those that need not be exact go off together.
 */
export function inStep(clock: Pick<Clock, 'monotonicMs'>, ms: number, stepMs = 1_000): number {
  if (ms < stepMs) return ms;
  const nowMs = clock.monotonicMs();
  const steps = Math.max(Math.round((nowMs + ms) / stepMs), Math.floor(nowMs / stepMs) + 1);
  return Math.ceil(steps * stepMs - nowMs);
}
