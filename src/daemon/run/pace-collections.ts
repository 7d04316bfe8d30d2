import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

// Of garbage between two collections, with what these leave behind: some seconds of a busy member.
const growthBytes = 32 * 1024 * 1024;
const leastPercent = 20;
const mostPercent = 150;

/**
 * By how much the heap may grow before V8 collects everything again, in percent. One share for all sizes is wrong at
 * both ends: a member with 30 MB would mark them every few seconds, which everybody who watches it feels, and one with
 * 300 MB would keep 100 MB of garbage. A big heap still gets a share, since to mark it takes as long as it is big.
 */
export function growingPercent(usedBytes: number): number {
  const percent = Math.round((growthBytes / usedBytes) * 100);
  return Math.min(mostPercent, Math.max(leastPercent, percent));
}

/** Tells V8 after each full collection how far the next one is; what was set stays when this ends. */
export function paceCollections(): Disposable {
  const look = (): void => {
    setFlagsFromString(`--heap-growing-percent=${growingPercent(getHeapStatistics().used_heap_size)}`);
  };
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFullCollection)) look();
  });
  observer.observe({ entryTypes: ['gc'] });
  look();
  return { [Symbol.dispose]: () => observer.disconnect() };
}

function isFullCollection(entry: PerformanceEntry & { readonly detail?: unknown }): boolean {
  // The type of these entries lacks it; it is always there.
  const { kind } = entry.detail as { readonly kind: number };
  return kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
