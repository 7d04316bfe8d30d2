import type { Clock } from '../../../base/clock.ts';
import { describeError } from '../../../base/describe-error.ts';
import { inStep } from '../../../base/in-step.ts';
import type { Logger } from '../../../base/logger.ts';
import { weigh, type History } from '../state/history.ts';
import { supersededRowLimit, type LogTable, type SupersededRow } from './log-table.ts';
import type { Sequencer } from './sequencer.ts';
import type { StoreState } from '../state/store-state.ts';

export interface CompactionLimits {
  /** Time between two looks at what may go. */
  readonly intervalMs: number;
  /** History younger than this is kept, unless there is too much of it. */
  readonly ageMs: number;
  /** At least this many revisions are always kept. */
  readonly minRevisions: number;
  /** More than this many, or more than `maxBytes` of old values, are not kept at any age. */
  readonly maxRevisions: number;
  readonly maxBytes: number;
}

export const defaultCompactionLimits: CompactionLimits = {
  intervalMs: 2_000,
  ageMs: 5 * 60_000,
  minRevisions: 1_000,
  // In memory on every member, objects that the API decoded from the values included: about 8 kB a revision.
  maxRevisions: 10_000,
  maxBytes: 32 * 1024 * 1024,
};

// A slice costs one small transaction; writers get their turn between two of them.
const revisionsPerSlice = 2_000;

export interface CompactorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: CompactionLimits;
  readonly state: StoreState;
  readonly log: LogTable;
  readonly sequencer: Sequencer;
  readonly onCompacted: (floor: number) => void;
}

/** Runs on the leading member for as long as its term lasts. */
export async function runCompactor(options: CompactorOptions, signal: AbortSignal): Promise<void> {
  const { clock, state, logger } = options;
  for (;;) {
    try {
      await clock.sleep(inStep(clock, options.limits.intervalMs), signal);
      const target = planFloor(state.history, state.revision, clock.monotonicMs(), options.limits);
      await compactTo(target, options, signal);
    } catch (error) {
      // The sequencer reports a lost term by itself, and the next leader goes on from the same floor.
      if (!signal.aborted) logger.debug({ cause: describeError(error) }, 'compaction stopped');
      return;
    }
  }
}

/** The highest floor that the limits allow; the present one when nothing may go. */
export function planFloor(
  history: History,
  revision: number,
  nowMs: number,
  limits: CompactionLimits,
): number {
  // The newest row stays in any case: the next term reads the last revision from it.
  const highest = Math.max(history.floor, revision - Math.max(1, limits.minRevisions));
  let floor = history.floor;
  let bytes = history.bytes;
  for (const record of history.after(history.floor)) {
    const isOld = nowMs - record.seenMs >= limits.ageMs;
    const isTooMuch = revision - floor > limits.maxRevisions || bytes > limits.maxBytes;
    if (record.revision > highest || !(isOld || isTooMuch)) break;
    floor = record.revision;
    bytes -= weigh(record);
  }
  return floor;
}

async function compactTo(target: number, options: CompactorOptions, signal: AbortSignal): Promise<void> {
  const { state, log, sequencer } = options;
  while (state.compactedRevision < target && !signal.aborted) {
    const { floor, superseded } = planSlice(state.history, target);
    await sequencer.runBetweenBatches(() => log.compact(floor, superseded));
    state.compact(floor);
    options.onCompacted(floor);
  }
}

/** As many revisions towards `target` as fit into one statement, and the rows that go with them. */
export function planSlice(
  history: History,
  target: number,
): { readonly floor: number; readonly superseded: readonly SupersededRow[] } {
  const superseded: SupersededRow[] = [];
  let floor = history.floor;
  for (const { revision, changes } of history.after(history.floor)) {
    const rows = changes.flatMap(({ key, entry, previous }) => [
      ...(previous === undefined ? [] : [{ revision: previous.revision, key }]),
      // A row that says "deleted" is itself of no use once nothing older is left.
      ...(entry === undefined ? [{ revision, key }] : []),
    ]);
    const isFull = superseded.length > 0 && superseded.length + rows.length > supersededRowLimit;
    if (revision > target || isFull || revision - history.floor > revisionsPerSlice) break;
    superseded.push(...rows);
    floor = revision;
  }
  return { floor, superseded };
}
