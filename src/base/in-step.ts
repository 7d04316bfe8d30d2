import type { Clock } from './clock.ts';

const minuteMs = 60_000;
const unhurriedMs = 10_000;

/**
 * About `ms`, so that it is over at a full second of this process, or another step; from a minute on at every tenth. To wake a
 * process that rests costs more than the little that most timers do then: those that need not be exact go off together.
 */
export function inStep(
  clock: Pick<Clock, 'monotonicMs'>,
  ms: number,
  stepMs = ms < minuteMs ? 1_000 : 10_000,
): number {
  if (ms < stepMs) return ms;
  const nowMs = clock.monotonicMs();
  const steps = Math.max(Math.round((nowMs + ms) / stepMs), Math.floor(nowMs / stepMs) + 1);
  return Math.ceil(steps * stepMs - nowMs);
}

/** The same for long waits, where the wait may also be a short one that somebody meant as it is. */
export function inStepIfLong(clock: Pick<Clock, 'monotonicMs'>, ms: number): number {
  return ms < unhurriedMs ? ms : inStep(clock, ms);
}
