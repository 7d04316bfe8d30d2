import type { Clock } from '../../../base/clock.ts';
import { createDeadline } from '../../../base/deadline.ts';
import { describeError } from '../../../base/describe-error.ts';
import { inStep } from '../../../base/in-step.ts';
import type { Logger } from '../../../base/logger.ts';
import type { DatabaseClient, DatabaseConnection } from '../../engine/database.ts';
import { ConsensusError } from '../../consensus-error.ts';
import type { TargetHolder } from '../commit-target.ts';
import type { CompactionLimits } from './compactor.ts';
import { LeadingTerm } from './leading-term.ts';
import type { FindRefusal } from './sequencer.ts';
import { StuckNode } from './stuck-node.ts';
import type { StoreState } from '../state/store-state.ts';
import type { StoreCounters } from '../store-counters.ts';

export interface LeadershipKeeperOptions {
  readonly self: { readonly id: string; readonly name: string };
  readonly database: DatabaseClient;
  readonly state: StoreState;
  readonly targets: TargetHolder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly compaction: CompactionLimits;
  readonly counters: StoreCounters;
  readonly findRefusal: FindRefusal;
  /** Starts the node of this member anew. */
  readonly restartNode: () => void;
  readonly isDiskFull: () => boolean;
  /** Whether `lookNow` is called when another node leads: then there is hardly anything to ask for. */
  readonly isTold: () => boolean;
  /** This member is meant to hold no replica, so that its node hears of no leader. */
  readonly isSpare: () => boolean;
}

// Nearly all changes are noticed otherwise: a write fails, a connection ends or falls silent.
const pollMs = 1_000;
// A node that hangs tells nothing. Nobody minds where nobody waits for it; otherwise it is asked as often as any.
const toldPollMs = 5_000;
// While nobody leads, each poll that comes sooner ends the outage sooner.
const leaderlessPollMs = 25;
// An election that lasts this long waits for members to come back, which nobody can hurry.
const hurryMs = 5_000;
const idleLeaderlessPollMs = 250;
// The node answers from memory; a second means that it is gone or stuck.
const pollLimitMs = 1_000;
const stopLimitMs = 5_000;

/**
 * Watches whether the database node of this member leads, and runs the sequencer while it does.
 * A lost term is noticed by the failing write first; the poll finds out who leads instead.
 */
export class LeadershipKeeper {
  readonly #options: LeadershipKeeperOptions;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  #pollConnection: DatabaseConnection | undefined;
  #term: LeadingTerm | undefined;
  #databaseLeaderId: string | undefined;
  #isHandingOver = false;
  #wake: (() => void) | undefined;
  #isLookWanted = false;
  #leaderlessSinceMs: number | undefined;
  #lookedMs = -Infinity;
  #isCalm = false;
  #lookers: (() => void)[] = [];
  #running: Promise<void> | undefined;
  readonly #stuck: StuckNode;

  constructor(options: LeadershipKeeperOptions) {
    this.#options = options;
    this.#stuck = new StuckNode(options.clock);
  }

  /** The running term; undefined while this member does not lead. */
  get term(): LeadingTerm | undefined {
    return this.#term;
  }

  /** Raft id of the leader as the local node knows it: a hint where to ask first. */
  get databaseLeaderId(): string | undefined {
    return this.#databaseLeaderId;
  }

  start(): void {
    const unsubscribe = this.#options.targets.subscribe(() => {
      if (this.#options.targets.current === undefined) this.lookNow();
    });
    this.#running = this.#run().finally(unsubscribe);
  }

  /** Asks the database who leads without waiting for the next poll: something hints at a change. */
  lookNow(): void {
    this.#isLookWanted = true;
    this.#wake?.();
  }

  /** Resolves when a look that began after the call is done, and with it the start of a term if there is one. */
  async look(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#lookers.push(() => resolve(undefined));
    this.lookNow();
    await promise;
  }

  /** Calls back when the hint or the term changed. */
  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Ends the term in good order, runs `transfer` to the heir, and stays out of office until it is done. */
  async handOver(heir: string, transfer: () => Promise<void>): Promise<void> {
    const term = this.#term;
    if (term === undefined) throw new ConsensusError('NotLeader', 'handing over leadership');
    this.#isHandingOver = true;
    term.feed.announceSuccessor(heir);
    try {
      const reason = new ConsensusError('NotLeader', `leading in term ${term.term}, handed over`);
      await this.#endTerm(reason, { release: true });
      await transfer();
    } finally {
      this.#isHandingOver = false;
      this.lookNow();
    }
  }

  async #connection(): Promise<DatabaseConnection> {
    if (this.#pollConnection === undefined || this.#pollConnection.closed) {
      const { clock, database } = this.#options;
      using deadline = createDeadline(clock, pollLimitMs, 'connecting to the database');
      this.#pollConnection = await database.connect(deadline.signal);
    }
    return this.#pollConnection;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.();
    await this.#running;
    await this.#endTerm(new ConsensusError('Closed', 'leading while shutting down'), { release: true });
    this.#pollConnection?.close();
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#isLookWanted = false;
      const lookers = this.#lookers.splice(0);
      let hasFailed = false;
      try {
        await this.#look();
      } catch (error) {
        hasFailed = true;
        logger.warn({ cause: describeError(error) }, 'taking over leadership failed; trying again');
      }
      this.#restartStuckNode(hasFailed);
      this.#isCalm = !hasFailed && this.#isNodeWell();
      for (const done of lookers) done();
      await this.#pause(clock, signal);
    }
    for (const done of this.#lookers.splice(0)) done();
  }

  #restartStuckNode(hasFailed: boolean): void {
    const { targets, logger, restartNode, isSpare } = this.#options;
    const isFollowing = targets.current?.isLocal === false;
    const isDiskFull = this.#options.isDiskFull();
    const leaderId = this.#databaseLeaderId;
    const why = this.#stuck.look({ leaderId, isFollowing, hasFailed, isDiskFull, isSpare });
    if (why === undefined) return;
    logger.warn({ why }, 'the database node is stuck and is started anew');
    restartNode();
  }

  async #pause(clock: Clock, signal: AbortSignal): Promise<void> {
    const isLeaderless = this.#options.targets.current === undefined;
    // Without a leader looks follow one another fast enough; asked for more often they would only spin.
    if (signal.aborted || (this.#isLookWanted && !isLeaderless)) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      if (!isLeaderless || signal.aborted) resolve(undefined);
    };
    const ledPollMs = this.#isCalm && this.#options.isTold() ? toldPollMs : pollMs;
    const waitMs = isLeaderless ? this.#leaderlessPollMs() : inStep(clock, ledPollMs);
    const cancel = clock.after(waitMs, () => resolve(undefined));
    if (!isLeaderless) this.#leaderlessSinceMs = undefined;
    this.#wake = wake;
    await promise;
    cancel();
    this.#wake = undefined;
  }

  #isNodeWell(): boolean {
    const { isDiskFull, isSpare } = this.#options;
    return !isDiskFull() && (this.#databaseLeaderId !== undefined || isSpare());
  }

  /** Somebody waits for the node. */
  #noteWork(): void {
    if (this.#options.clock.monotonicMs() - this.#lookedMs >= pollMs) this.lookNow();
  }

  #leaderlessPollMs(): number {
    const nowMs = this.#options.clock.monotonicMs();
    this.#leaderlessSinceMs ??= nowMs;
    return nowMs - this.#leaderlessSinceMs < hurryMs ? leaderlessPollMs : idleLeaderlessPollMs;
  }

  async #look(): Promise<void> {
    this.#lookedMs = this.#options.clock.monotonicMs();
    const leaderId = await this.#askDatabase();
    const isLeader = leaderId === this.#options.self.id;
    if (isLeader && this.#term === undefined && !this.#isHandingOver) await this.#startTerm();
    else if (!isLeader && this.#term !== undefined) {
      const reason = new ConsensusError('NotLeader', `leading in term ${this.#term.term}, which is over`);
      await this.#endTerm(reason, { release: false });
    }
    if (leaderId === this.#databaseLeaderId) return;
    this.#databaseLeaderId = leaderId;
    this.#announce();
  }

  async #askDatabase(): Promise<string | undefined> {
    using deadline = createDeadline(this.#options.clock, pollLimitMs, 'asking the database who leads');
    try {
      return (await (await this.#connection()).leader(deadline.signal))?.id;
    } catch (error) {
      // The helper may be restarting; a member that cannot ask its node does not lead.
      this.#options.logger.debug({ cause: describeError(error) }, 'the database does not answer');
      return undefined;
    }
  }

  async #startTerm(): Promise<void> {
    const { logger, targets } = this.#options;
    const term = await LeadingTerm.start({
      ...this.#options,
      onLost: (cause) => this.#lost(cause),
      onWork: () => this.#noteWork(),
    });
    // Closing began while the log was loaded.
    if (this.#closing.signal.aborted) {
      await term.end(new ConsensusError('Closed', 'leading while shutting down'), { release: true });
      return;
    }
    this.#term = term;
    targets.set(term);
    logger.info({ term: term.term, revision: term.settledRevision }, 'this member leads the store');
    this.#announce();
  }

  async #endTerm(reason: ConsensusError, { release }: { readonly release: boolean }): Promise<void> {
    const term = this.#term;
    if (term === undefined) return;
    const { logger, targets, clock } = this.#options;
    this.#term = undefined;
    targets.clear(term);
    logger.info({ term: term.term, cause: describeError(reason) }, 'this member leads no longer');
    this.#announce();
    // What is in flight ends by its own limit; the next term must not wait for that.
    const ended = term.end(reason, { release });
    using deadline = createDeadline(clock, stopLimitMs, 'ending a term');
    await Promise.race([ended, aborted(deadline.signal)]);
  }

  #lost(cause: unknown): void {
    const term = this.#term;
    if (term === undefined) return;
    const reason = new ConsensusError('NotLeader', `leading in term ${term.term}`, { cause });
    void this.#endTerm(reason, { release: false });
    this.lookNow();
  }

  #announce(): void {
    for (const changed of [...this.#listeners]) changed();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
