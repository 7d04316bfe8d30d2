import type { Clock } from '../../../base/clock.ts';
import { createDeadline } from '../../../base/deadline.ts';
import { describeError } from '../../../base/describe-error.ts';
import type { Logger } from '../../../base/logger.ts';
import type { DatabaseClient, DatabaseConnection } from '../../engine/database.ts';
import type { ConsensusError } from '../../consensus-error.ts';
import type { CommitTarget } from '../commit-target.ts';
import { runCompactor, type CompactionLimits } from './compactor.ts';
import { LogTable } from './log-table.ts';
import { RevisionFeed } from './revision-feed.ts';
import { Sequencer, type FindRefusal } from './sequencer.ts';
import type { StoreState } from '../state/store-state.ts';
import type { CommitResult, Transaction } from '../store.ts';
import type { StoreCounters } from '../store-counters.ts';
import { takeOver } from './take-over.ts';

export interface LeadingTermOptions {
  readonly self: { readonly name: string };
  readonly database: DatabaseClient;
  readonly state: StoreState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly compaction: CompactionLimits;
  readonly counters: StoreCounters;
  readonly findRefusal: FindRefusal;
  readonly onLost: (cause: unknown) => void;
  /** Something is asked of the database. */
  readonly onWork: () => void;
}

const connectLimitMs = 2_000;
// A commit takes a few milliseconds. One that hangs waits for a node that does not lead any more, and
// the followers look for the next leader only when this term has ended.
const inFlightGraceMs = 300;

/** Everything that lives exactly as long as this member leads: its connection, sequencer, feed, compactor. */
export class LeadingTerm implements CommitTarget {
  readonly leader: string;
  readonly isLocal = true;
  readonly feed = new RevisionFeed();
  readonly startedMs: number;
  readonly settledRevision: number;
  readonly #clock: Clock;
  readonly #database: DatabaseConnection;
  readonly #log: LogTable;
  readonly #sequencer: Sequencer;
  readonly #logger: Logger;
  readonly #onWork: () => void;
  readonly #ending = new AbortController();

  private constructor(
    options: LeadingTermOptions,
    database: DatabaseConnection,
    provenAtMs: number,
    term: number,
  ) {
    const { clock, state, logger } = options;
    const log = new LogTable({ term, database, clock });
    this.leader = options.self.name;
    this.startedMs = clock.monotonicMs();
    this.settledRevision = state.revision;
    this.#clock = clock;
    this.#database = database;
    this.#log = log;
    this.#logger = logger;
    this.#onWork = options.onWork;
    this.#sequencer = new Sequencer({
      ...{ clock, log, state, provenAtMs, leaseMs: options.leaseMs, counters: options.counters },
      findRefusal: options.findRefusal,
      onLost: options.onLost,
      onCommitted: (batch) => this.feed.publish(batch, state.compactedRevision),
    });
    const compaction = { clock, logger, limits: options.compaction, state, log, sequencer: this.#sequencer };
    const onCompacted = (floor: number): void => this.feed.publish([], floor);
    void runCompactor({ ...compaction, onCompacted }, this.#ending.signal);
  }

  static async start(options: LeadingTermOptions): Promise<LeadingTerm> {
    using deadline = createDeadline(options.clock, connectLimitMs, 'connecting to the database');
    const database = await options.database.connect(deadline.signal);
    try {
      // As it is built by some, SQLite writes zeros over what is deleted: each page that compaction frees would
      // go through Raft once more, a thousand rows in 1.2 MB.
      await database.query('PRAGMA secure_delete = OFF', [], deadline.signal);
      const { term, provenAtMs } = await takeOver(database, options.state, options);
      return new LeadingTerm(options, database, provenAtMs, term);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  get term(): number {
    return this.#sequencer.term;
  }

  submit(transaction: Transaction, transactionId: string, signal: AbortSignal): Promise<CommitResult> {
    this.#onWork();
    return this.#sequencer.submit(transaction, transactionId, signal);
  }

  readPoint(): Promise<number> {
    this.#onWork();
    return this.#sequencer.readPoint();
  }

  /** Resolves when what was in flight before the call is committed or failed. */
  async settle(): Promise<void> {
    await this.#sequencer.runBetweenBatches(() => Promise.resolve());
  }

  get queue(): { readonly length: number; readonly bytes: number } {
    return { length: this.#sequencer.queueLength, bytes: this.#sequencer.queuedBytes };
  }

  /**
   * Stops in good order: nothing new, then what is in flight, then the connection and the followers. With
   * `release` the next term is told that it need not wait for the lease of this one.
   */
  async end(reason: ConsensusError, { release }: { readonly release: boolean }): Promise<void> {
    this.#ending.abort();
    const stopped = this.#sequencer.stop(reason);
    const cancel = this.#clock.after(inFlightGraceMs, () => this.#database.close());
    await stopped;
    cancel();
    if (release && !this.#database.closed) await this.#release();
    this.#database.close();
    this.feed.end();
  }

  async #release(): Promise<void> {
    try {
      await this.#log.release();
    } catch (error) {
      // Then the next term waits: it costs a tenth of a second.
      this.#logger.debug({ cause: describeError(error) }, 'the end of the term could not be written');
    }
  }
}
