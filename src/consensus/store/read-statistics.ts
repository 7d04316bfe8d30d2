import type { DiskReport } from '../space/disk-level.ts';
import type { CompactionLimits } from './leading/compactor.ts';
import type { LeadingTerm } from './leading/leading-term.ts';
import type { StoreState } from './state/store-state.ts';
import type { StoreStatistics } from './store.ts';
import type { StoreCounters } from './store-counters.ts';

export interface StatisticsSource {
  readonly state: StoreState;
  readonly counters: StoreCounters;
  readonly limits: Pick<CompactionLimits, 'ageMs' | 'minRevisions'>;
  readonly nowMs: number;
  readonly term: number | undefined;
  /** The running term, on the member that leads. */
  readonly leading: Pick<LeadingTerm, 'queue'> | undefined;
  readonly disk: Pick<DiskReport, 'freeBytes' | 'neededBytes' | 'reserveBytes'>;
}

export function readStatistics(source: StatisticsSource): StoreStatistics {
  const { state, counters, term, leading } = source;
  const { history } = state;
  return {
    ...counters.read(),
    revision: state.revision,
    compactedRevision: state.compactedRevision,
    compactionLagMs: measureLag(source),
    keys: state.size,
    historyLength: history.length,
    historyBytes: history.bytes,
    watchers: state.watchers,
    term,
    isLeading: leading !== undefined,
    queueLength: leading?.queue.length ?? 0,
    queueBytes: leading?.queue.bytes ?? 0,
    diskFreeBytes: source.disk.freeBytes,
    diskNeededBytes: source.disk.neededBytes,
    diskReserveBytes: source.disk.reserveBytes,
  };
}

function measureLag({ state: { history }, limits, nowMs }: StatisticsSource): number {
  const oldest = history.at(history.floor + 1);
  // The last revisions are kept at any age.
  if (oldest === undefined || history.length <= limits.minRevisions) return 0;
  return Math.max(0, nowMs - oldest.seenMs - limits.ageMs);
}
