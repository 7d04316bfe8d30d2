import assert from 'node:assert/strict';

import { ConsensusError } from '../../consensus-error.ts';
import { History, type RevisionRecord } from './history.ts';
import { KeySpace } from './key-space.ts';
import type {
  RangeOptions,
  RangeResult,
  StoredEntry,
  StoreReader,
  WatchCallback,
  WatchEnd,
  WatchHandle,
  WriteOperation,
} from '../store.ts';
import { WatchRegistry } from './watch-registry.ts';

/** One transaction as it was committed: the form in which the log and the peers carry it. */
export interface CommittedRevision {
  readonly revision: number;
  readonly transactionId: string;
  readonly operations: readonly WriteOperation[];
}

/** A whole state with the history that leads up to it: what a member starts from. */
export interface StateContent {
  readonly revision: number;
  readonly keys: KeySpace;
  readonly history: History;
}

interface RevisionWaiter {
  readonly revision: number;
  readonly resolve: () => void;
}

/**
 * The state that each member holds in memory: every current entry, and the history above the
 * compaction floor. It learns only of what is committed, through `apply` and `install`.
 */
export class StoreState implements StoreReader {
  readonly #nowMs: () => number;
  readonly #watches = new WatchRegistry();
  readonly #waiters = new Set<RevisionWaiter>();
  #revision = 0;
  #keys = new KeySpace();
  #history = new History(0);

  /** `nowMs` is monotonic: the age of history is measured with it. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#history.floor;
  }

  get history(): History {
    return this.#history;
  }

  /** Number of keys. */
  get size(): number {
    return this.#keys.size;
  }

  get watchers(): number {
    return this.#watches.size;
  }

  get(key: string): StoredEntry | undefined {
    return this.#keys.get(key);
  }

  range(prefix: string, options: RangeOptions = {}): RangeResult {
    const revision = options.atRevision ?? this.#revision;
    assert(revision <= this.#revision, `revision ${revision} is not in the cache yet`);
    this.#refuseCompacted(revision, 'reading');
    const overlay = new Map<string, StoredEntry | undefined>();
    for (const { changes } of this.#history.after(revision)) {
      for (const { key, previous } of changes) {
        // The first change after the revision tells what it held then.
        if (key.startsWith(prefix) && !overlay.has(key)) overlay.set(key, previous);
      }
    }
    return { revision, ...this.#keys.range(prefix, overlay, options) };
  }

  watch(prefix: string, fromRevision: number, deliver: WatchCallback, ended: WatchEnd): WatchHandle {
    this.#refuseCompacted(fromRevision, 'watching from');
    const missed = [...this.#history.after(fromRevision)];
    return this.#watches.open({ prefix, fromRevision, deliver, ended }, missed, this.#revision);
  }

  async waitForRevision(revision: number, signal: AbortSignal): Promise<void> {
    if (revision <= this.#revision) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter: RevisionWaiter = { revision, resolve: () => resolve(undefined) };
    const giveUp = (): void => {
      const doing = `waiting for revision ${revision} with ${this.#revision} in the cache`;
      reject(new ConsensusError('Timeout', doing, { cause: signal.reason }));
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Takes over committed revisions, which must follow on the newest one without a gap. */
  apply(committed: readonly CommittedRevision[]): void {
    const records: RevisionRecord[] = [];
    const seenMs = this.#nowMs();
    for (const { revision, transactionId, operations } of committed) {
      assert.equal(revision, this.#revision + 1, 'a committed revision is missing');
      const changes = operations.map((operation) => this.#keys.apply(operation, revision));
      const record: RevisionRecord = { revision, transactionId, changes, seenMs };
      this.#history.append(record);
      this.#revision = revision;
      records.push(record);
    }
    this.#announce(records);
    for (const record of records) this.#history.retire(record);
  }

  /** Replaces everything by what was read from the log or sent by the leader. */
  install(content: StateContent): void {
    const before = this.#revision;
    this.#keys = content.keys;
    this.#history = content.history;
    this.#revision = content.revision;
    const { floor } = content.history;
    // Whoever resumes at a member that has just started may be ahead of it, and has missed nothing then.
    if (before < floor || before > content.revision) {
      const doing = `following changes after revision ${before}, of which this member missed some`;
      const lost = before > content.revision ? Infinity : floor;
      this.#watches.endBelow(lost, new ConsensusError('Compacted', doing));
    }
    this.#announce([...content.history.after(before)]);
  }

  /** Forgets history at and below `revision`; the state at `revision` stays readable. */
  compact(revision: number): void {
    assert(revision <= this.#revision, 'history can only be dropped up to the newest revision');
    this.#history.dropThrough(revision);
  }

  close(): void {
    this.#watches.endBelow(
      Infinity,
      new ConsensusError('Closed', 'following changes while the store shuts down'),
    );
  }

  #announce(records: readonly RevisionRecord[]): void {
    if (records.length > 0) this.#watches.publish(records, this.#revision);
    for (const waiter of this.#waiters) {
      if (waiter.revision <= this.#revision) waiter.resolve();
    }
  }

  #refuseCompacted(revision: number, doing: string): void {
    if (revision >= this.#history.floor) return;
    const kept = `history is kept from revision ${this.#history.floor}`;
    throw new ConsensusError('Compacted', `${doing} revision ${revision}: ${kept}`);
  }
}
