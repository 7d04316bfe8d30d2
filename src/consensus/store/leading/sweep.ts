import assert from 'node:assert/strict';

import type { StoreState } from '../state/store-state.ts';
import { revisionOf, type LoggedKey, type LogTable, type Run } from './log-table.ts';

// Writers wait for one step: about 5 ms of work and a Raft round.
const rowsAtOnce = 512;

/**
 * Removes the rows that no revision at or above the floor can see, from the oldest on. What is superseded at about the
 * same time stands side by side, so whole runs of rows go at once: one by one, as each is superseded, a row costs
 * ten to forty times as much, and its page goes through Raft again for each of its rows.
 *
 * All of one sweep is decided by the floor at its begin. So a deletion goes in the same sweep as what it deleted or a
 * later one, and never before it: without it, the row that it deleted would be back after the next start.
 */
export class Sweep {
  readonly #log: LogTable;
  readonly #view: FloorView;
  #next = 0;
  #hasMore = true;

  constructor(log: LogTable, state: StoreState) {
    this.#log = log;
    this.#view = new FloorView(state);
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  /**
   * One look at the table, and one removal when it shows anything. Nothing may be committed meanwhile, and nothing
   * compacted between two steps.
   */
  async step(): Promise<void> {
    const rows = await this.#log.look(this.#next, this.#view.floor, rowsAtOnce);
    this.#view.follow();
    const runs = findRuns(rows, (row) => !this.#view.isNeeded(row));
    if (runs.length > 0) await this.#log.remove(runs);
    this.#next = (rows.at(-1)?.position ?? 0) + 1;
    this.#hasMore = rows.length === rowsAtOnce;
  }
}

/** Which row of each key a reader at the floor needs, while the state goes on. */
class FloorView {
  readonly floor: number;
  readonly #state: StoreState;
  /** Of each key that changed after the floor: the revision that wrote what it held there; 0 when it did not exist. */
  readonly #held = new Map<string, number>();
  #followed: number;

  constructor(state: StoreState) {
    this.#state = state;
    this.floor = state.compactedRevision;
    this.#followed = this.floor;
  }

  /** Takes note of what was committed since the last call. */
  follow(): void {
    const { history } = this.#state;
    assert(history.floor <= this.#followed, 'history that a sweep needs was dropped');
    for (const { revision, changes } of history.after(this.#followed)) {
      for (const { key, previous } of changes) {
        if (!this.#held.has(key)) this.#held.set(key, previous?.revision ?? 0);
      }
      this.#followed = revision;
    }
  }

  /** Of rows at or below the floor. A key without a row is one that does not exist, so no deletion is needed. */
  isNeeded({ position, key, isDeletion }: LoggedKey): boolean {
    const held = this.#held.get(key) ?? this.#state.get(key)?.revision;
    return !isDeletion && held === revisionOf(position);
  }
}

/** Rows of which `isGone` holds, as runs that no other row interrupts. */
function findRuns(rows: readonly LoggedKey[], isGone: (row: LoggedKey) => boolean): readonly Run[] {
  const runs: [number, number][] = [];
  let open: [number, number] | undefined;
  for (const row of rows) {
    if (!isGone(row)) {
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = [row.position, row.position];
      runs.push(open);
    }
    open[1] = row.position;
  }
  return runs;
}
