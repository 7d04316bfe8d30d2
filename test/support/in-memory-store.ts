import { ConsensusError } from '../../src/consensus/consensus-error.ts';
import { decide, startDraft } from '../../src/consensus/store/leading/decide.ts';
import { readStatistics } from '../../src/consensus/store/read-statistics.ts';
import { StoreState } from '../../src/consensus/store/state/store-state.ts';
import type {
  CommitResult,
  LeadershipView,
  RangeOptions,
  RangeResult,
  Store,
  StoredEntry,
  StoreStatistics,
  Transaction,
  WatchCallback,
  WatchEnd,
  WatchHandle,
} from '../../src/consensus/store/store.ts';
import { StoreCounters } from '../../src/consensus/store/store-counters.ts';

/** The real state core without a database under it: what is decided is committed at once. */
export class InMemoryStore implements Store {
  readonly #state = new StoreState(() => performance.now());
  readonly #listeners = new Set<() => void>();
  #leadingTerm: number | undefined = 1;
  #leader: string | undefined = 'member-1';
  #failure: ConsensusError | undefined;
  #transactions = 0;
  readonly #counters = new StoreCounters();

  readonly leadership: LeadershipView;

  constructor() {
    const leadingTerm = (): number | undefined => this.#leadingTerm;
    const leader = (): string | undefined => this.#leader;
    const listeners = this.#listeners;
    this.leadership = {
      get leadingTerm() {
        return leadingTerm();
      },
      get leader() {
        return leader();
      },
      subscribe(changed) {
        listeners.add(changed);
        changed();
        return () => listeners.delete(changed);
      },
    };
  }

  get revision(): number {
    return this.#state.revision;
  }

  get compactedRevision(): number {
    return this.#state.compactedRevision;
  }

  get(key: string): StoredEntry | undefined {
    return this.#state.get(key);
  }

  range(prefix: string, options?: RangeOptions): RangeResult {
    return this.#state.range(prefix, options);
  }

  watch(prefix: string, fromRevision: number, deliver: WatchCallback, ended: WatchEnd): WatchHandle {
    return this.#state.watch(prefix, fromRevision, deliver, ended);
  }

  async commit(transaction: Transaction): Promise<CommitResult> {
    // A turn of the loop, so that callers meet the interleavings that a real commit has.
    await Promise.resolve();
    if (this.#failure !== undefined) throw this.#failure;
    if (transaction.term !== undefined && transaction.term !== this.#leadingTerm) {
      throw new ConsensusError('Fenced', `committing for term ${transaction.term}`);
    }
    this.#transactions += 1;
    const draft = startDraft(this.#state.revision);
    const read = (key: string): StoredEntry | undefined => this.#state.get(key);
    const { result, write } = decide(transaction, `transaction-${this.#transactions}`, draft, read);
    if (write !== undefined) this.#state.apply([write]);
    return result;
  }

  readStatistics(): StoreStatistics {
    return readStatistics({
      ...{ state: this.#state, counters: this.#counters, nowMs: performance.now(), leading: undefined },
      ...{ limits: { ageMs: 300_000, minRevisions: 1_000 }, term: this.#leadingTerm },
      disk: { freeBytes: 1, neededBytes: 0, reserveBytes: 0 },
    });
  }

  async readBarrier(): Promise<void> {
    await Promise.resolve();
    if (this.#failure !== undefined) throw this.#failure;
  }

  waitForRevision(revision: number, signal: AbortSignal): Promise<void> {
    return this.#state.waitForRevision(revision, signal);
  }

  /** Drops history as the leader's compaction would. */
  compact(revision: number): void {
    this.#state.compact(revision);
  }

  /** Makes commits and read barriers fail, as without a quorum; undefined heals. */
  failWith(error: ConsensusError | undefined): void {
    this.#failure = error;
  }

  setLeadership(leadingTerm: number | undefined, leader: string | undefined): void {
    this.#leadingTerm = leadingTerm;
    this.#leader = leader;
    for (const changed of [...this.#listeners]) changed();
  }

  close(): void {
    this.#state.close();
  }
}

/** A single-process `Store` for tests of the layers above. */
export function createInMemoryStore(): InMemoryStore {
  return new InMemoryStore();
}
