import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Membership, Peer } from './membership.ts';

export interface LeaveOfficeOptions {
  readonly self: Peer;
  readonly membership: Membership;
  readonly isLeading: () => boolean;
  /** Who follows this leader, the one that has for longest first. */
  readonly followers: () => readonly string[];
  /** Announces here, where this member leads, that it goes; answers within the limit whether that was seen to. */
  readonly announce: (limitMs: number) => Promise<boolean>;
  /** Tells the leader that this member goes; answers whether that one has seen to its vote. */
  readonly tellLeader: (isElecting: boolean, signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

// Of a host that is short of everything: it takes half a second otherwise. Who stops with a vote that nobody has taken over
// may take the majority along, until it is back.
const leaveLimitMs = 15_000;
// A candidate that has just come back has to be connected with first.
const replaceLimitMs = 6_000;
const handOverLimitMs = 3_000;
const heirSilenceMs = 3_000; // a voter that was silent for longer would not take over

/** What a member does for the others before it stops. None of it ever rejects: it stops all the same. */
export class LeaveOffice {
  readonly #options: LeaveOfficeOptions;

  constructor(options: LeaveOfficeOptions) {
    this.#options = options;
  }

  /** Gives leadership and, where another can take it, the vote to others. */
  async leave(): Promise<void> {
    const { clock, logger, membership, isLeading, tellLeader } = this.#options;
    if (membership.peers.list().length < 2) return;
    const startedMs = clock.monotonicMs();
    using deadline = createDeadline(clock, leaveLimitMs, 'leaving office');
    try {
      // Otherwise the next leader would be asked for what this one knows already to be impossible.
      const wasLeading = isLeading();
      const isNewsToNext = !wasLeading || (await this.#replaceSelf(deadline.signal));
      await this.handOver();
      const isSeenTo = !isNewsToNext || (await tellLeader(wasLeading, deadline.signal));
      const tookMs = Math.round(clock.monotonicMs() - startedMs);
      logger.info({ isSeenTo, tookMs }, 'has told the others that this member stops');
    } catch (error) {
      logger.info({ cause: describeError(error) }, 'stopping without having handed everything over');
    }
  }

  /** Gives leadership to another voter, where this member has it. */
  async handOver(): Promise<void> {
    if (!this.#options.isLeading()) return;
    try {
      await this.#transferToHeir();
    } catch (error) {
      // The others may be stopping too, or gone: then they elect, or nobody is left to lead.
      const fields = { cause: describeError(error) };
      this.#options.logger.info(fields, 'stopping without having handed leadership over');
    }
  }

  /** The leader is the first to hear of itself. Answers whether there is anything to tell to another leader. */
  async #replaceSelf(parent: AbortSignal): Promise<boolean> {
    const { clock, membership, announce } = this.#options;
    const doing = 'replacing the vote of this member';
    using deadline = createDeadline(clock, replaceLimitMs * 1.5, doing, parent);
    const { signal } = deadline;
    const countVoters = async (): Promise<number> =>
      (await membership.listNodes(signal)).filter(({ role }) => role === 'voter').length;
    const before = await countVoters();
    await announce(replaceLimitMs);
    return (await countVoters()) > before;
  }

  async #transferToHeir(): Promise<void> {
    const { clock, membership, followers } = this.#options;
    using deadline = createDeadline(clock, handOverLimitMs, 'handing leadership over');
    const nodes = await membership.listNodes(deadline.signal);
    const heard = membership.lastHeard();
    const voters = nodes
      .filter(({ role, isLeader }) => role === 'voter' && !isLeader)
      .map(({ name }) => name);
    // Who has followed for longest: a node that has just come back may not have reached the others yet, whose
    // votes it needs; its first election would fail.
    const heir = followers().find((name) => {
      const isStaying = !membership.departures.names.has(name);
      return isStaying && voters.includes(name) && (heard.get(name) ?? Infinity) < heirSilenceMs;
    });
    if (heir !== undefined) await membership.transferLeadership(heir, deadline.signal);
  }
}
