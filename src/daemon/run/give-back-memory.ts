import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../../base/clock.ts';
import { inStep } from '../../base/in-step.ts';
import type { Logger } from '../../base/logger.ts';
import { pause } from '../../runtime/backoff.ts';

/** The memory of this process that JavaScript uses. */
export interface ManagedHeap {
  /** What is set apart for objects, whether it holds any or not. */
  readonly bytes: () => number;
  /** Time that this process has worked for, in all. */
  readonly cpuMs: () => number;
  readonly collect: () => void;
}

// Only what works is looked at often: what rests is not to be woken.
const looks = { working: 2_000, resting: 10_000 };
// A collection takes some 80 ms in which nothing else runs, and what V8 had compiled is gone after it. Worth it for 12 MB
// where nobody is served, and nobody comes back in a moment; after much work there is far more to gain, and a short rest will do.
const rest = { worthBytes: 48 * 1024 * 1024 };
const longRest = { sinceMs: 20_000, worthBytes: 12 * 1024 * 1024 };
// Ten times what a member costs to which nothing happens; one that only follows a hundred writes a second takes more.
const restShare = 0.02;
// A busy member stands still for longer, and everybody who waits for it: so seldom, and for much only.
const busy = { everyMs: 60_000, worthBytes: 64 * 1024 * 1024 };

/** Undefined where Node was started without `--expose-gc`. */
export function findOwnHeap(): ManagedHeap | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  return {
    bytes: () => getHeapStatistics().total_heap_size,
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    collect() {
      // Any other way V8 keeps the pages for itself.
      gc({ type: 'major', flavor: 'last-resort', execution: 'sync' });
    },
  };
}

/**
 * V8 collects when memory is asked for, and a member at rest asks for next to none: what it needed to start, or for
 * the last burst of work, it would keep for hours. And the pages of its greatest extent it keeps under load as well.
 * Works until the abort.
 */
export async function giveBackMemory(
  heap: ManagedHeap,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  let workedMs = heap.cpuMs();
  let neededBytes = 0;
  // What V8 does not need any more it keeps, but counts no longer.
  let mostBytes = 0;
  let everyMs = looks.resting;
  let restedMs = 0;
  let collectedMs = clock.monotonicMs();
  while (await pause(clock, inStep(clock, everyMs), signal)) {
    const beforeMs = workedMs;
    workedMs = heap.cpuMs();
    mostBytes = Math.max(mostBytes, heap.bytes());
    const isAtRest: boolean = workedMs - beforeMs < everyMs * restShare;
    restedMs = isAtRest ? restedMs + everyMs : 0;
    everyMs = isAtRest ? looks.resting : looks.working;
    const gainBytes = mostBytes - neededBytes;
    const isDue = clock.monotonicMs() - collectedMs >= busy.everyMs && gainBytes >= busy.worthBytes;
    const { worthBytes } = restedMs >= longRest.sinceMs ? longRest : rest;
    const isWorth = isAtRest ? gainBytes >= worthBytes : isDue;
    if (!isWorth) continue;
    heap.collect();
    collectedMs = clock.monotonicMs();
    neededBytes = heap.bytes();
    mostBytes = neededBytes;
    const tookMs = Math.round(heap.cpuMs() - workedMs);
    workedMs += tookMs;
    logger.debug({ tookMs }, 'gave back memory that is not in use any more');
  }
}
