import type { ConsensusError } from '../consensus-error.ts';
import type { CounterValues } from './store-counters.ts';

/**
 * The revisioned key-value store that everything stands on. Keys are strings ordered by code unit,
 * values are opaque bytes, and every committed transaction gets the next revision: one counter for
 * the whole store, dense, starting at 1.
 *
 * Each member holds the whole current state and a ring of recent history in memory, so `get`,
 * `range` and `watch` never leave the process. They may lag behind the leader: call `readBarrier`
 * first where the answer has to be linearizable.
 */
export interface Store extends StoreReader {
  /**
   * Commits all operations at one new revision, or none. A failed condition is a `conflict` result,
   * never an error, and does not disturb other transactions in the same batch. Resolves after this
   * member's own cache holds the revision, so that the caller can read its own write, unless the member was
   * cut off between the leader's answer and the change itself.
   * Rejects with a `ConsensusError`; `Unknown` says that the outcome could not be found out.
   */
  commit(transaction: Transaction, signal: AbortSignal): Promise<CommitResult>;

  /** Resolves when this member's cache holds everything that was committed before the call. */
  readBarrier(signal: AbortSignal): Promise<void>;

  /** Resolves when the cache has reached `revision`. */
  waitForRevision(revision: number, signal: AbortSignal): Promise<void>;

  readonly leadership: LeadershipView;

  /** What this member holds and did since it started. Cheap; for metrics and tests. */
  readStatistics(): StoreStatistics;
}

export interface StoreStatistics extends CounterValues {
  readonly revision: number;
  readonly compactedRevision: number;
  /** How much older than the age limit the oldest revision is that could be compacted; 0 when all is well. */
  readonly compactionLagMs: number;
  readonly keys: number;
  /** Revisions in the history, and bytes of values that only it keeps alive. */
  readonly historyLength: number;
  readonly historyBytes: number;
  readonly watchers: number;
  /** The leader's term, as far as this member knows; undefined without a leader. */
  readonly term: number | undefined;
  readonly isLeading: boolean;
  /** Transactions that wait for the next batch; 0 on a member that does not lead. */
  readonly queueLength: number;
  readonly queueBytes: number;
  /** What the database of this member may still take, and what it needs to take any write. */
  readonly diskFreeBytes: number;
  readonly diskNeededBytes: number;
  /** Set aside for deletions on a full disk. */
  readonly diskReserveBytes: number;
}

export interface StoreReader {
  /** The newest revision in this member's cache. */
  readonly revision: number;
  /** The oldest revision that can still be read, and watched from; older ones answer `Compacted`. */
  readonly compactedRevision: number;

  get(key: string): StoredEntry | undefined;

  /** Entries whose key starts with `prefix`, in key order. `atRevision` older than the ring: `Compacted`. */
  range(prefix: string, options?: RangeOptions): RangeResult;

  /**
   * Delivers every change with a revision above `fromRevision`, whole revisions at a time, in order,
   * without a gap, and only for keys that start with `prefix`. Throws `Compacted` when that history is
   * gone. Past changes are delivered before it returns. The callback must not block; it gets an empty list of changes when the revision moved on
   * without a change under the prefix, so that bookmarks can follow. `ended` is called once when the
   * store cannot go on: `Compacted` after this member missed more than is kept, `Closed` at shut-down.
   */
  watch(prefix: string, fromRevision: number, deliver: WatchCallback, ended: WatchEnd): WatchHandle;
}

export interface StoredEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the last write. Entries are immutable: the object may be used as a cache key. */
  readonly revision: number;
}

export interface RangeOptions {
  /** Continue after this key. */
  readonly after?: string;
  readonly limit?: number;
  readonly atRevision?: number;
}

export interface RangeResult {
  readonly revision: number;
  readonly entries: readonly StoredEntry[];
  /** Entries that were left out because of `limit`. */
  readonly remaining: number;
}

export type WriteOperation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: string };

/** Holds when the key's last write has this revision; 0 means that the key does not exist. */
export interface Condition {
  readonly key: string;
  readonly revision: number;
}

export interface Transaction {
  readonly conditions: readonly Condition[];
  readonly operations: readonly WriteOperation[];
  /** Set by controllers: the commit is refused as `Fenced` unless this term still leads. */
  readonly term?: number;
  /** Part of a deletion, which makes room in the end: it is taken on a full disk too. */
  readonly isRemoval?: true;
}

export type CommitResult =
  | { readonly kind: 'committed'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly key: string; readonly revision: number };

export interface Change {
  readonly key: string;
  /** Absent when the key was deleted. */
  readonly entry?: StoredEntry;
  /** What the key held before; absent when it was created. */
  readonly previous?: StoredEntry;
  readonly revision: number;
}

export type WatchCallback = (revision: number, changes: readonly Change[]) => void;

export type WatchEnd = (error: ConsensusError) => void;

export interface WatchHandle {
  close(): void;
}

export interface LeadershipView {
  /** The term in which this member leads and may write; undefined while it does not lead. */
  readonly leadingTerm: number | undefined;
  /** Name of the member that leads, as far as this one knows. */
  readonly leader: string | undefined;
  /** Calls back now and after each change. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
}
