import type { Clock } from '../../../base/clock.ts';
import { ConsensusError } from '../../consensus-error.ts';
import { assertWellFormed, decide, operationLimit, startDraft, type Decision } from './decide.ts';
import type { CommittedRevision, StoreState } from '../state/store-state.ts';
import type { CommitResult, StoredEntry, Transaction } from '../store.ts';
import type { StoreCounters } from '../store-counters.ts';

/** The durable log of one term. Only one call runs at a time. */
export interface TermLog {
  readonly term: number;
  /** Writes all rows as one Raft entry. Any rejection leaves it open whether they were written. */
  append(batch: readonly CommittedRevision[]): Promise<void>;
  /** One Raft round that shows that this term still leads. */
  prove(): Promise<void>;
}

export interface SequencerOptions {
  readonly clock: Clock;
  readonly log: TermLog;
  readonly state: StoreState;
  /** Monotonic time at which the Raft round of the take-over was started. */
  readonly provenAtMs: number;
  /** How long after the start of a Raft round reads need no other one: every later term waits that out. */
  readonly leaseMs: number;
  readonly counters: StoreCounters;
  /** Why a transaction is not taken now, as for want of space; undefined when it is. */
  readonly findRefusal: FindRefusal;
  /** Called in order, after the state holds the batch and before its authors are answered. */
  readonly onCommitted: (batch: readonly CommittedRevision[]) => void;
  /** Called once when the term is over or its log failed; `stop` was called by then. */
  readonly onLost: (cause: unknown) => void;
}

export type FindRefusal = (
  transaction: Transaction,
  read: (key: string) => StoredEntry | undefined,
) => ConsensusError | undefined;

interface Waiting {
  readonly transaction: Transaction;
  readonly transactionId: string;
  readonly signal: AbortSignal;
  readonly bytes: number;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Reader {
  readonly resolve: (revision: number) => void;
  readonly reject: (error: unknown) => void;
}

interface Maintenance {
  readonly run: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

// A batch is one statement; bigger ones would only make the next one wait.
const batchOperationLimit = operationLimit;
// Each batch stays in dqlite's memory as a Raft entry until a snapshot has passed it; one big value is let through.
const batchBytesLimit = 256 * 1024;
// From so many authors on, those who were just answered are worth waiting for with the next batch.
const crowd = 8;
const gatherShare = 0.9;
const gatherLimitMs = 4;
const queueLimit = 4_096;
const readersLimit = 16_384;
const queueBytesLimit = 64 * 1024 * 1024;

/**
 * Puts the transactions of one term in order. It decides compare-and-set against the state in memory,
 * gives out revisions, and commits in groups: what queued while one batch was written is the next one.
 * After any failed write it is over: what was in flight is `Unknown`, what was queued was never sent.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #readers: Reader[] = [];
  #maintenance: Maintenance[] = [];
  #provenAtMs: number;
  /** How many seem to write at the same time, and how long the last batch took. */
  #authors = 0;
  #batchMs = 0;
  #gathered: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #stopped: ConsensusError | undefined;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#provenAtMs = options.provenAtMs;
  }

  get term(): number {
    return this.#options.log.term;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  submit(transaction: Transaction, transactionId: string, signal: AbortSignal): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      assertWellFormed(transaction);
      this.#refuse(transaction, signal);
      const bytes = weigh(transaction);
      if (this.#queue.length >= queueLimit || this.#queuedBytes + bytes > queueBytesLimit) {
        this.#options.counters.overloads += 1;
        throw new ConsensusError('Overloaded', `queueing behind ${this.#queue.length} transactions`);
      }
      this.#queue.push({ transaction, transactionId, signal, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      if (this.#hasGathered()) this.#gathered?.();
      this.#pump();
    });
  }

  /**
   * A revision that covers everything committed before the call, by a member proven to lead. Under the lease
   * the answer is right for the moment at which the clock was read, however long this process stands still
   * between that and the caller's use of it: the moment lies between the call and its answer.
   */
  readPoint(): Promise<number> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    if (this.#hasLease()) {
      this.#options.counters.leasedReads += 1;
      return Promise.resolve(this.#options.state.revision);
    }
    if (this.#readers.length >= readersLimit) {
      return Promise.reject(new ConsensusError('Overloaded', `reading behind ${readersLimit} others`));
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#pump();
    });
  }

  /** Runs `task` on the log when no batch is being written; writers wait for one task at most. */
  runBetweenBatches(task: () => Promise<void>): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        await task();
        resolve();
      };
      this.#maintenance.push({ run, reject });
      this.#pump();
    });
  }

  /** Takes nothing more, fails what is queued as not sent, and resolves when nothing is in flight. */
  async stop(reason: ConsensusError): Promise<void> {
    this.#stopped ??= reason;
    for (const waiting of [...this.#queue, ...this.#readers, ...this.#maintenance]) waiting.reject(reason);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#readers = [];
    this.#maintenance = [];
    this.#gathered?.();
    await this.#running;
  }

  #refuse(transaction: Transaction, signal: AbortSignal): void {
    if (this.#stopped !== undefined) throw this.#stopped;
    if (transaction.term !== undefined && transaction.term !== this.term) {
      const doing = `committing for term ${transaction.term} while term ${this.term} leads`;
      // A later term than ours means that we are deposed and have not heard of it: its leader has to decide.
      throw new ConsensusError(transaction.term > this.term ? 'NotLeader' : 'Fenced', doing);
    }
    if (signal.aborted) throw timedOut(signal);
  }

  #hasLease(): boolean {
    return this.#options.clock.monotonicMs() < this.#provenAtMs + this.#options.leaseMs;
  }

  #pump(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      // What the callers of one turn submit goes into one batch.
      await Promise.resolve();
      while (this.#queue.length + this.#readers.length + this.#maintenance.length > 0) {
        if (!this.#hasGathered()) await this.#gather();
        if (this.#queue.length + this.#readers.length > 0) await this.#commitBatch();
        const task = this.#maintenance.shift();
        if (task !== undefined) await this.#maintain(task);
      }
    } finally {
      // In the same step as the last look: what is submitted after that would wait for somebody who has left.
      this.#running = undefined;
    }
  }

  /**
   * Authors that wait for their answer before they write again come back together, a moment after a batch.
   * The first of them must not get a batch of its own: all others would wait for it, every second time.
   */
  #hasGathered(): boolean {
    const isCrowd = this.#authors >= crowd && this.#readers.length === 0 && this.#queue.length > 0;
    return !isCrowd || this.#queue.length >= Math.min(this.#authors * gatherShare, batchOperationLimit);
  }

  async #gather(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#gathered = () => resolve(undefined);
    const cancel = this.#options.clock.after(Math.min(gatherLimitMs, this.#batchMs / 2), this.#gathered);
    await promise;
    cancel();
    this.#gathered = undefined;
  }

  async #maintain({ run, reject }: Maintenance): Promise<void> {
    try {
      await run();
    } catch (cause) {
      reject(cause);
      this.#lose(cause);
    }
  }

  async #commitBatch(): Promise<void> {
    const { state, clock } = this.#options;
    const readers = this.#readers;
    this.#readers = [];
    const batch = this.#takeBatch();
    const decisions = this.#decideAll(batch);
    const writes = [...new Set(decisions)].flatMap(({ write }) => write ?? []);
    const startedMs = clock.monotonicMs();
    const cancels = batch.map((waiting) => failOnAbort(waiting));
    try {
      if (await this.#write(writes)) this.#provenAtMs = Math.max(this.#provenAtMs, startedMs);
    } catch (cause) {
      const unknown = new ConsensusError('Unknown', `committing in term ${this.term}`, { cause });
      for (const waiting of batch) waiting.reject(unknown);
      for (const reader of readers) reader.reject(lost(this.term, cause));
      this.#lose(cause);
      return;
    } finally {
      for (const cancel of cancels) cancel();
    }
    if (writes.length > 0) {
      this.#batchMs = clock.monotonicMs() - startedMs;
      this.#options.counters.countBatch(writes.length, this.#batchMs);
      state.apply(writes);
      this.#options.onCommitted(writes);
    }
    this.#authors = batch.length + this.#queue.length;
    this.#count(decisions, readers.length);
    for (const [index, { resolve }] of batch.entries()) resolve(resultAt(decisions, index));
    for (const reader of readers) reader.resolve(state.revision);
  }

  #decideAll(batch: readonly Waiting[]): readonly Decision[] {
    const { state } = this.#options;
    const draft = startDraft(state.revision);
    const read = (key: string): StoredEntry | undefined => state.get(key);
    const decided = new Map<string, Decision>();
    for (const { transaction, transactionId } of batch) {
      if (decided.has(transactionId)) continue;
      // An author that lost the answer may ask again: the first outcome stands, also that of an earlier term.
      const revision = state.history.find(0, transactionId);
      const decision: Decision =
        revision === undefined
          ? decide(transaction, transactionId, draft, read)
          : { result: { kind: 'committed', revision }, isRepeat: true };
      decided.set(transactionId, decision);
    }
    return batch.map(({ transactionId }) => decided.get(transactionId) as Decision);
  }

  #count(decisions: readonly Decision[], readers: number): void {
    const { counters } = this.#options;
    counters.provenReads += readers;
    for (const { result, isRepeat } of decisions) {
      if (isRepeat === true) counters.repeats += 1;
      else if (result.kind === 'committed') counters.commits += 1;
      else counters.conflicts += 1;
    }
  }

  /**
   * Answers whether a Raft round was made. Batches without a write need a proof of leadership too,
   * because a deposed leader decides on an old state.
   */
  async #write(writes: readonly CommittedRevision[]): Promise<boolean> {
    if (writes.length > 0) await this.#options.log.append(writes);
    else if (this.#hasLease()) return false;
    else await this.#options.log.prove();
    return true;
  }

  #takeBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    let operations = 0;
    let bytes = 0;
    let taken = 0;
    for (const waiting of this.#queue) {
      const more = waiting.transaction.operations.length;
      const isFull = operations + more > batchOperationLimit || bytes + waiting.bytes > batchBytesLimit;
      if (batch.length > 0 && isFull) break;
      taken += 1;
      this.#queuedBytes -= waiting.bytes;
      if (waiting.signal.aborted) {
        waiting.reject(timedOut(waiting.signal));
        continue;
      }
      const refusal = this.#findRefusal(waiting);
      if (refusal !== undefined) {
        this.#options.counters.spaceRefusals += 1;
        waiting.reject(refusal);
        continue;
      }
      batch.push(waiting);
      operations += more;
      bytes += waiting.bytes;
    }
    this.#queue.splice(0, taken);
    return batch;
  }

  /** What was committed before is answered so, and not refused. */
  #findRefusal({ transaction, transactionId }: Waiting): ConsensusError | undefined {
    const { state, findRefusal } = this.#options;
    const refusal = findRefusal(transaction, (key) => state.get(key));
    return state.history.find(0, transactionId) === undefined ? refusal : undefined;
  }

  #lose(cause: unknown): void {
    if (this.#stopped !== undefined) return;
    // Not awaited: it waits for the very batch that is failing now.
    void this.stop(lost(this.term, cause));
    this.#options.onLost(cause);
  }
}

function lost(term: number, cause: unknown): ConsensusError {
  return new ConsensusError('NotLeader', `leading in term ${term}, which is over`, { cause });
}

function timedOut(signal: AbortSignal): ConsensusError {
  return new ConsensusError('Timeout', 'waiting to be committed', { cause: signal.reason });
}

/** Once it was sent, a caller that stops waiting cannot know the outcome. */
function failOnAbort({ signal, reject }: Waiting): () => void {
  const abort = (): void => {
    reject(new ConsensusError('Unknown', 'waiting for a commit in flight', { cause: signal.reason }));
  };
  signal.addEventListener('abort', abort, { once: true });
  return () => {
    signal.removeEventListener('abort', abort);
  };
}

function resultAt(decisions: readonly { readonly result: CommitResult }[], index: number): CommitResult {
  return (decisions[index] as { readonly result: CommitResult }).result;
}

function weigh({ operations }: Transaction): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += operation.key.length + (operation.kind === 'put' ? operation.value.byteLength : 0);
  }
  return bytes;
}
