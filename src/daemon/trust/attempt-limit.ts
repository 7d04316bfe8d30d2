import type { Clock } from '../../base/clock.ts';

/** Slows down who guesses: each address by itself, and all of them together. */
export interface AttemptLimit {
  /** Milliseconds until this address may try; 0: now. */
  waitMs(address: string): number;
  failed(address: string): void;
  succeeded(address: string): void;
}

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

const freeFailures = 3;
const firstWaitMs = 1_000;
const longestWaitMs = 15 * 60_000;
const forgetMs = 60 * 60_000;
const mostAddresses = 1_000;
const overall = { failures: 20, withinMs: 60_000 };

export function createAttemptLimit(clock: Pick<Clock, 'monotonicMs'>): AttemptLimit {
  const byAddress = new Map<string, Failures>();
  const recent: number[] = [];

  function waitForAddress(address: string, nowMs: number): number {
    const failures = byAddress.get(address);
    if (failures === undefined || failures.count < freeFailures) return 0;
    if (nowMs - failures.lastMs > forgetMs) return 0;
    const waitMs = Math.min(firstWaitMs * 2 ** (failures.count - freeFailures), longestWaitMs);
    return Math.max(0, failures.lastMs + waitMs - nowMs);
  }

  function waitForAll(nowMs: number): number {
    while (recent[0] !== undefined && nowMs - recent[0] >= overall.withinMs) recent.shift();
    const [oldest] = recent;
    return oldest === undefined || recent.length < overall.failures ? 0 : oldest + overall.withinMs - nowMs;
  }

  return {
    waitMs(address) {
      const nowMs = clock.monotonicMs();
      return Math.max(waitForAddress(address, nowMs), waitForAll(nowMs));
    },
    failed(address) {
      const nowMs = clock.monotonicMs();
      const before = byAddress.get(address);
      const isOld = before === undefined || nowMs - before.lastMs > forgetMs;
      byAddress.delete(address);
      byAddress.set(address, { count: isOld ? 1 : before.count + 1, lastMs: nowMs });
      // The one that has been quiet longest makes room.
      const [quietest] = byAddress.keys();
      if (byAddress.size > mostAddresses && quietest !== undefined) byAddress.delete(quietest);
      recent.push(nowMs);
    },
    succeeded(address) {
      byAddress.delete(address);
    },
  };
}
