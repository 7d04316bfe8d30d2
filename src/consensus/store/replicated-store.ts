import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { ConsensusError, isConsensusError } from '../consensus-error.ts';
import type { CommitTarget, TargetHolder } from './commit-target.ts';
import { SharedRound } from './shared-round.ts';
import type { StoreState } from './state/store-state.ts';
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
} from './store.ts';
import type { TransactionIds } from './transaction-ids.ts';

export interface ReplicatedStoreOptions {
  readonly clock: Clock;
  readonly state: StoreState;
  readonly targets: TargetHolder;
  readonly leadership: LeadershipView;
  readonly transactionIds: TransactionIds;
  readonly readStatistics: () => StoreStatistics;
  /** How long a write or a read barrier waits for somebody to lead: a few elections. */
  readonly leaderPatienceMs: number;
}

// For callers that set no nearer deadline.
const commitLimitMs = 30_000;
const barrierLimitMs = 10_000;
// Callers that wait for a leader hold their values in memory.
const pendingLimit = 8_192;

/** The store of one member: reads from its own memory, writes through whoever leads. */
export class ReplicatedStore implements Store {
  readonly leadership: LeadershipView;
  readonly #options: ReplicatedStoreOptions;
  readonly #state: StoreState;
  readonly #barrier: SharedRound;
  #pending = 0;

  constructor(options: ReplicatedStoreOptions) {
    this.#options = options;
    this.#state = options.state;
    this.leadership = options.leadership;
    this.#barrier = new SharedRound(() => this.#runBarrier());
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

  readStatistics(): StoreStatistics {
    return this.#options.readStatistics();
  }

  waitForRevision(revision: number, signal: AbortSignal): Promise<void> {
    return this.#state.waitForRevision(revision, signal);
  }

  async commit(transaction: Transaction, signal: AbortSignal): Promise<CommitResult> {
    if (this.#pending >= pendingLimit) {
      throw new ConsensusError('Overloaded', `committing beside ${this.#pending} others`);
    }
    this.#pending += 1;
    try {
      return await this.#commit(transaction, signal);
    } finally {
      this.#pending -= 1;
    }
  }

  async #commit(transaction: Transaction, signal: AbortSignal): Promise<CommitResult> {
    const { clock, transactionIds } = this.#options;
    using deadline = createDeadline(clock, commitLimitMs, 'committing', signal);
    const transactionId = transactionIds.next();
    const startRevision = this.#state.revision;
    const patience = this.#startPatience();
    let target = await this.#waitForTarget(() => true, patience, deadline.signal);
    for (;;) {
      const failed = target;
      try {
        const result = await target.submit(transaction, transactionId, deadline.signal);
        return await this.#afterOwnCache(result, deadline.signal);
      } catch (error) {
        if (deadline.signal.aborted || !isConsensusError(error)) throw error;
        if (error.code !== 'NotLeader' && error.code !== 'Unknown') throw error;
        target = await this.#nextTarget(failed, error, patience, deadline.signal);
        if (error.code === 'NotLeader') continue;
        const written = await this.#findOutcome(target, transactionId, startRevision, error, deadline.signal);
        if (written !== undefined) return { kind: 'committed', revision: written };
        // It is proven that nothing was written, so the same transaction may be tried again.
      }
    }
  }

  async readBarrier(signal: AbortSignal): Promise<void> {
    await raceAbort(this.#barrier.join(), signal);
  }

  async #runBarrier(): Promise<void> {
    using deadline = createDeadline(this.#options.clock, barrierLimitMs, 'asking for a read point');
    const { signal } = deadline;
    const patience = this.#startPatience();
    let target = await this.#waitForTarget(() => true, patience, signal);
    for (;;) {
      try {
        await this.#state.waitForRevision(await target.readPoint(signal), signal);
        return;
      } catch (error) {
        // Asking again is harmless, so a lost answer counts as a request that was not sent.
        const isGone = isConsensusError(error, 'NotLeader') || isConsensusError(error, 'Unknown');
        if (signal.aborted || !isGone) throw error;
        const notAsked = new ConsensusError('NotLeader', 'asking for a read point', { cause: error });
        target = await this.#nextTarget(target, notAsked, patience, signal);
      }
    }
  }

  /**
   * Milliseconds that a caller still waits for a leader. What it spent on one that fell silent counts, so that
   * all of it ends soon; but an election that has just begun gets a fair time.
   */
  #startPatience(): () => number {
    const { clock, leaderPatienceMs } = this.#options;
    const endMs = clock.monotonicMs() + leaderPatienceMs;
    return () => Math.max(endMs - clock.monotonicMs(), leaderPatienceMs / 2);
  }

  #waitForTarget(
    suits: (target: CommitTarget) => boolean,
    patience: () => number,
    signal: AbortSignal,
  ): Promise<CommitTarget> {
    return this.#options.targets.wait(suits, patience(), signal);
  }

  async #nextTarget(
    failed: CommitTarget,
    error: ConsensusError,
    patience: () => number,
    signal: AbortSignal,
  ): Promise<CommitTarget> {
    const isNewer = (target: CommitTarget): boolean => target !== failed && target.term >= failed.term;
    try {
      return await this.#waitForTarget(isNewer, patience, signal);
    } catch (cause) {
      // Without a leader an unknown outcome stays unknown; a write that was not sent is just refused.
      throw error.code === 'Unknown' ? error : cause;
    }
  }

  /** The revision at which the transaction was written; undefined when it certainly was not. */
  async #findOutcome(
    target: CommitTarget,
    transactionId: string,
    startRevision: number,
    unknown: ConsensusError,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { history } = await this.#settledState(target, unknown, signal);
    if (history.floor > startRevision) throw unknown;
    return history.find(startRevision, transactionId);
  }

  async #settledState(
    target: CommitTarget,
    unknown: ConsensusError,
    signal: AbortSignal,
  ): Promise<StoreState> {
    try {
      await this.#state.waitForRevision(target.settledRevision, signal);
      return this.#state;
    } catch {
      // The deadline passed before the outcome could be found, which the first error says better.
      throw unknown;
    }
  }

  async #afterOwnCache(result: CommitResult, signal: AbortSignal): Promise<CommitResult> {
    if (result.kind === 'conflict') return result;
    const { clock, leaderPatienceMs } = this.#options;
    using deadline = createDeadline(clock, leaderPatienceMs, 'following the own write', signal);
    try {
      await this.#state.waitForRevision(result.revision, deadline.signal);
    } catch (error) {
      if (!isConsensusError(error, 'Timeout')) throw error;
      // Cut off just after the answer: it is written, which is worth more to the caller than a full cache.
    }
    return result;
  }
}

async function raceAbort(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(new ConsensusError('Timeout', 'waiting for a read point', { cause: signal.reason }));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
