import type { Clock } from '../base/clock.ts';

export interface BackoffRange {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** A number from 0 (included) to 1 (excluded), as `Math.random`. */
export type Random = () => number;

/**
 * Doubles with each failure up to the limit; the upper half is random, so that what failed together does not
 * come back together.
 */
export function backoffMs({ initialMs, maxMs }: BackoffRange, failures: number, random: Random): number {
  const ceilingMs = Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(ceilingMs / 2 + (random() * ceilingMs) / 2);
}

/** Sleeps, and tells whether to go on: false when the signal ended the wait. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (!isAborted(signal)) throw error;
    return false;
  }
}

/** A function, because the compiler believes that a property read before an `await` still holds after it. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
