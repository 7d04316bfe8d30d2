import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { StoredEntry, Transaction } from '../store/store.ts';
import { judgeAdmission, type Admission } from './admission.ts';
import type { DiskGauge } from './disk-gauge.ts';
import { describeDisk, isWorse, type DiskLevel } from './disk-level.ts';
import { findOversized, type KeptPrefixes } from './space-rules.ts';

export interface SpaceGuardOptions {
  readonly self: { readonly name: string };
  readonly gauge: Pick<DiskGauge, 'report' | 'subscribe'>;
  readonly prefixes: KeptPrefixes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Monotonic time at which this member began to lead; undefined while it does not. */
  readonly leadingSinceMs: () => number | undefined;
  /** Tells the followers, one of which leads next. */
  readonly announce: (level: DiskLevel) => void;
  /** Of the members that follow this one, while it leads. */
  readonly levels: () => ReadonlyMap<string, DiskLevel>;
  readonly listVoters: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly handOver: (to: string, signal: AbortSignal) => Promise<void>;
}

const roomy: Admission = { level: 'ok', short: [], heirs: [] };
// Voters come, go and change without a word to this guard.
const lookMs = 2_000;
const lookLimitMs = 2_000;
const handOverLimitMs = 5_000;
const handOverPauseMs = 5_000;
// By then the other voters have said how their disks are, which a new leader has not heard yet.
const inheritedMs = 2_000;

/** Refuses on the leader what the disks of the voters have no room for. */
export class SpaceGuard {
  readonly #options: SpaceGuardOptions;
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  #admission = roomy;
  #cancelLook: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #handedOverMs = -Infinity;
  #lastHeir: string | undefined;
  #inherited: DiskLevel = 'ok';

  constructor(options: SpaceGuardOptions) {
    this.#options = options;
    this.#unsubscribe = options.gauge.subscribe(() => this.look());
  }

  get level(): DiskLevel {
    // The own disk counts at once: the look at the others may wait for an answer.
    const own = this.#options.gauge.report.level;
    const { level } = this.#admission;
    if (own === 'full') return own;
    return this.#isInheriting() && isWorse(this.#inherited, level) ? this.#inherited : level;
  }

  /** What the leader that this member follows says. */
  inherit(level: DiskLevel): void {
    this.#inherited = level;
  }

  /** Why this transaction is not taken now; undefined when it is. */
  findRefusal(
    transaction: Transaction,
    read: (key: string) => StoredEntry | undefined,
  ): ConsensusError | undefined {
    const { level } = this;
    if (level === 'ok') return undefined;
    const oversized = findOversized(transaction, level, read, this.#options.prefixes);
    return oversized && new ConsensusError('NoSpace', `writing ${oversized.key}: ${this.#describe()}`);
  }

  /** Some disk has changed, or a member has come or gone. */
  look(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      const { clock } = this.#options;
      const isOver = this.#closing.signal.aborted || !this.#isLeading();
      const isWorthIt = this.#isAnyShort() || this.#isInheriting();
      if (!isOver && isWorthIt) this.#cancelLook = clock.after(lookMs, () => this.look());
    });
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#closing.abort(new ConsensusError('Closed', 'looking at the disks while shutting down'));
    this.#cancelLook?.();
    await this.#looking;
  }

  #isLeading(): boolean {
    return this.#options.leadingSinceMs() !== undefined;
  }

  /** A new leader has not heard the others yet, and goes by what its predecessor knew. */
  #isInheriting(): boolean {
    const { clock, leadingSinceMs } = this.#options;
    return this.#inherited !== 'ok' && clock.monotonicMs() - (leadingSinceMs() ?? -Infinity) < inheritedMs;
  }

  #isAnyShort(): boolean {
    const { gauge, levels } = this.#options;
    return gauge.report.level !== 'ok' || [...levels().values()].some((level) => level !== 'ok');
  }

  async #look(): Promise<void> {
    const { logger, announce } = this.#options;
    const before = this.#admission.level;
    if (!this.#isLeading() || !this.#isAnyShort()) this.#admission = roomy;
    else this.#admission = await this.#judge();
    const { level, short, heirs } = this.#admission;
    if (this.#isLeading() && !this.#isInheriting()) announce(level);
    if (level !== before && level === 'ok') logger.info({}, 'writes of any size are taken again');
    else if (level !== before) logger.warn({ level, short }, 'writes are refused: there is too little room');
    // The node of a member whose disk was full until now may not be up yet: the next time it is another's turn.
    const heir = heirs.find((name) => name !== this.#lastHeir) ?? heirs[0];
    if (heir !== undefined) await this.#handOver(heir);
  }

  async #judge(): Promise<Admission> {
    const { self, gauge, levels, listVoters, clock, logger } = this.#options;
    const own = { name: self.name, level: gauge.report.level };
    using deadline = createDeadline(clock, lookLimitMs, 'listing the voters', this.#closing.signal);
    try {
      const voters = await listVoters(deadline.signal);
      const known = levels();
      const others = voters.filter((name) => name !== self.name);
      return judgeAdmission(
        own,
        others.map((name) => ({ name, level: known.get(name) })),
      );
    } catch (error) {
      logger.debug({ cause: describeError(error) }, 'the voters could not be listed');
      return judgeAdmission(own, []);
    }
  }

  async #handOver(heir: string): Promise<void> {
    const { clock, logger, handOver, gauge } = this.#options;
    if (clock.monotonicMs() - this.#handedOverMs < handOverPauseMs) return;
    this.#handedOverMs = clock.monotonicMs();
    this.#lastHeir = heir;
    logger.warn(
      { heir, disk: describeDisk(gauge.report) },
      'handing leadership over: the disk here runs full',
    );
    using deadline = createDeadline(clock, handOverLimitMs, 'handing leadership over', this.#closing.signal);
    try {
      await handOver(heir, deadline.signal);
    } catch (error) {
      logger.warn({ heir, cause: describeError(error) }, 'leadership could not be handed over');
    }
  }

  #describe(): string {
    const { self, gauge } = this.#options;
    const { short } = this.#admission;
    const own = gauge.report.level === 'ok' ? '' : ` (${self.name}: ${describeDisk(gauge.report)})`;
    const names = short.length === 0 ? self.name : short.join(', ');
    return `the disk of ${names} is nearly full${own}; deleting is still possible, and makes room`;
  }
}
