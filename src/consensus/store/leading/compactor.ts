import type { Clock } from '../../../base/clock.ts';
import { describeError } from '../../../base/describe-error.ts';
import { inStep } from '../../../base/in-step.ts';
import type { Logger } from '../../../base/logger.ts';
import { weigh, type History } from '../state/history.ts';
import type { LogTable } from './log-table.ts';
import type { Sequencer } from './sequencer.ts';
import { Sweep } from './sweep.ts';
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
  /** So many superseded rows, or bytes in them, may stay in the database; fewer go after `ageMs`. */
  readonly sweepRows: number;
  readonly sweepBytes: number;
}

export const defaultCompactionLimits: CompactionLimits = {
  intervalMs: 2_000,
  ageMs: 5 * 60_000,
  minRevisions: 1_000,
  // In memory on every member, objects that the API decoded from the values included: about 8 kB a revision.
  maxRevisions: 10_000,
  maxBytes: 32 * 1024 * 1024,
  // Enough for runs of many rows; dqlite holds them in memory on every member with a replica.
  sweepRows: 4_096,
  sweepBytes: 8 * 1024 * 1024,
};

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
  const { clock, state, limits, logger } = options;
  const superseded = new Superseded(limits);
  for (;;) {
    try {
      await clock.sleep(inStep(clock, limits.intervalMs), signal);
      const target = planFloor(state.history, state.revision, clock.monotonicMs(), limits);
      if (target > state.compactedRevision) {
        superseded.count(state.history, target, clock.monotonicMs());
        await moveFloor(target, options);
      }
      if (!superseded.isDue(clock.monotonicMs())) continue;
      const counted = superseded.read();
      await sweep(options, signal);
      superseded.forget(counted, clock.monotonicMs());
    } catch (error) {
      // The sequencer reports a lost term by itself, and the next leader goes on from the same floor.
      if (!signal.aborted) logger.debug({ cause: describeError(error) }, 'compaction stopped');
      return;
    }
  }
}

async function moveFloor(target: number, options: CompactorOptions): Promise<void> {
  const { state, log, sequencer, onCompacted } = options;
  await sequencer.runBetweenBatches(() => log.moveFloor(target));
  state.compact(target);
  onCompacted(target);
}

async function sweep({ log, state, sequencer }: CompactorOptions, signal: AbortSignal): Promise<void> {
  const sweeping = new Sweep(log, state);
  do await sequencer.runBetweenBatches(() => sweeping.step());
  while (sweeping.hasMore && !signal.aborted);
}

interface Amount {
  readonly rows: number;
  readonly bytes: number;
}

/** How much of the database no revision needs any more. A new term does not know what the one before has left. */
export class Superseded {
  readonly #limits: CompactionLimits;
  #rows = 0;
  #bytes = 0;
  #sinceMs: number | undefined;
  #isKnown = false;

  constructor(limits: CompactionLimits) {
    this.#limits = limits;
  }

  /** What the history above its floor and up to `target` superseded. A deletion is of no use then either. */
  count(history: History, target: number, nowMs: number): void {
    for (const record of history.after(history.floor)) {
      if (record.revision > target) break;
      for (const { entry, previous } of record.changes) {
        this.#rows += (previous === undefined ? 0 : 1) + (entry === undefined ? 1 : 0);
      }
      this.#bytes += weigh(record);
    }
    if (this.#rows > 0) this.#sinceMs ??= nowMs;
  }

  isDue(nowMs: number): boolean {
    const { sweepRows, sweepBytes, ageMs } = this.#limits;
    const isOld = this.#sinceMs !== undefined && nowMs - this.#sinceMs >= ageMs;
    return !this.#isKnown || isOld || this.#rows >= sweepRows || this.#bytes >= sweepBytes;
  }

  read(): Amount {
    return { rows: this.#rows, bytes: this.#bytes };
  }

  /** After a sweep that began when there was this much. */
  forget({ rows, bytes }: Amount, nowMs: number): void {
    this.#rows -= rows;
    this.#bytes -= bytes;
    this.#sinceMs = this.#rows > 0 ? nowMs : undefined;
    this.#isKnown = true;
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
