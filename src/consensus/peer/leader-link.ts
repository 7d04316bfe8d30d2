import type { SecureContext } from 'node:tls';

import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { TlsMaterial } from '../link/link-messages.ts';
import type { Peer, PeerDirectory } from '../membership/membership.ts';
import type { CommitTarget, TargetHolder } from '../store/commit-target.ts';
import type { StoreState } from '../store/state/store-state.ts';
import { FeedReader } from './feed-reader.ts';
import { PeerConnection, type PeerTiming } from './peer-connection.ts';
import { connectToPeer, createMemberContext } from './peer-tls.ts';
import { RemoteTarget } from './remote-target.ts';

export interface LeaderLinkOptions {
  readonly self: { readonly id: string; readonly name: string };
  readonly tls: TlsMaterial;
  readonly peers: PeerDirectory;
  readonly state: StoreState;
  readonly targets: TargetHolder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: PeerTiming;
  /** Whether this member leads: then there is nobody to follow. */
  readonly isLeading: () => boolean;
  /** Raft id of the leader as the local database node knows it. */
  readonly leaderHint: () => string | undefined;
  /** Calls back when one of the two may have changed. */
  readonly subscribe: (changed: () => void) => () => void;
  /** The leader has not been heard for longer than usual: the database may know of another. */
  readonly onQuiet: () => void;
  /** Between 0 and 1, for jitter. */
  readonly random: () => number;
}

const noPayload = new Uint8Array(0);
const followLimitMs = 3_000;
const shortPauseMs = 60;
const maxPauseMs = 1_500;

/** Keeps one connection to the leading member, follows its feed and offers it as the commit target. */
export class LeaderLink {
  readonly #options: LeaderLinkOptions;
  readonly #context: SecureContext;
  readonly #closing = new AbortController();
  #connection: PeerConnection | undefined;
  #followed: Peer | undefined;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** Whom another member named in this round. */
  #told: string | undefined;

  constructor(options: LeaderLinkOptions) {
    this.#options = options;
    this.#context = createMemberContext(options.tls);
  }

  start(): void {
    const unsubscribe = this.#options.subscribe(() => {
      if (this.#options.isLeading()) this.#connection?.close(new Error('this member leads now'));
      this.#leaveDeposed();
      this.#wake?.();
    });
    this.#running = this.#run().finally(unsubscribe);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('this member shuts down'));
    this.#connection?.close(new Error('this member shuts down'));
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let pauseMs = shortPauseMs;
    while (!signal.aborted) {
      this.#told = undefined;
      const hasFollowed = !this.#options.isLeading() && (await this.#tryAll(signal));
      pauseMs = hasFollowed || this.#isLeaderKnown() ? shortPauseMs : Math.min(pauseMs * 2, maxPauseMs);
      await this.#pause(pauseMs * (0.5 + this.#options.random()), signal);
    }
  }

  /** A leader that is cut off, or stands still, keeps its connections; the database hears of the next one sooner. */
  #leaveDeposed(): void {
    const hint = this.#options.leaderHint();
    if (hint === undefined || this.#followed === undefined || hint === this.#followed.id) return;
    this.#connection?.close(new Error(`the database follows another leader than ${this.#followed.name}`));
  }

  /** While somebody is said to lead it is worth asking often: a new leader is just taking over. */
  #isLeaderKnown(): boolean {
    if (this.#options.isLeading()) return false;
    return this.#told !== undefined || this.#options.leaderHint() !== undefined;
  }

  /** Follows the first candidate that leads, until that ends; false when nobody does. */
  async #tryAll(signal: AbortSignal): Promise<boolean> {
    const { logger } = this.#options;
    const tried = new Set<string>();
    for (let peer = this.#nextCandidate(tried); peer !== undefined; peer = this.#nextCandidate(tried)) {
      tried.add(peer.id);
      try {
        if (await this.#follow(peer, signal)) return true;
      } catch (error) {
        logger.debug({ member: peer.name, cause: describeError(error) }, 'cannot follow this member');
      }
      if (signal.aborted || this.#options.isLeading()) break;
    }
    return false;
  }

  /** First whom the database names, then whom another member named, then anybody in any order. */
  #nextCandidate(tried: ReadonlySet<string>): Peer | undefined {
    const { peers, self, leaderHint, random } = this.#options;
    const others = peers.list().filter(({ id }) => id !== self.id && !tried.has(id));
    const hint = leaderHint();
    return (
      others.find(({ id }) => id === hint) ??
      others.find(({ name }) => name === this.#told) ??
      others[Math.floor(random() * others.length)]
    );
  }

  /** False when the peer does not lead; otherwise true after the connection to it ended. */
  async #follow(peer: Peer, signal: AbortSignal): Promise<boolean> {
    const { clock, timing, targets, logger, state } = this.#options;
    const stream = await connectToPeer(peer, this.#context, clock, signal);
    const { promise: closed, resolve: onClosed } = Promise.withResolvers<Error>();
    const reader = new FeedReader(state);
    const connection = new PeerConnection(stream, {
      clock,
      timing,
      handlers: {
        answer: () =>
          Promise.reject(new ConsensusError('NotLeader', 'leading on a connection to the leader')),
        push: (frame) => reader.read(frame),
        heard: () => undefined,
        quiet: this.#options.onQuiet,
        closed: onClosed,
      },
    });
    this.#connection = connection;
    try {
      const target = await this.#askToFollow(connection, peer);
      if (target === undefined) return false;
      // Meanwhile this member may have been elected: its own sequencer goes first.
      if (this.#options.isLeading()) return true;
      this.#followed = peer;
      targets.set(target);
      logger.info({ leader: peer.name, term: target.term }, 'following the leader');
      const reason = await closed;
      targets.clear(target);
      logger.info({ leader: peer.name, cause: reason.message }, 'lost the leader');
      return true;
    } finally {
      connection.close(new Error('nothing to follow here'));
      this.#connection = undefined;
      this.#followed = undefined;
    }
  }

  async #askToFollow(connection: PeerConnection, peer: Peer): Promise<CommitTarget | undefined> {
    const { clock, state } = this.#options;
    using deadline = createDeadline(clock, followLimitMs, `asking member ${peer.name} who leads`);
    const { signal } = deadline;
    const { header } = await connection.request({ fields: {}, payload: noPayload }, 'leader', signal);
    this.#told ??= header['leader'] as string | undefined;
    if (header['term'] === undefined) return undefined;
    const from = { fields: { revision: state.revision }, payload: noPayload };
    const followed = await connection.request(from, 'follow', signal);
    return new RemoteTarget(connection, {
      term: followed.header['term'] as number,
      leader: peer.name,
      settledRevision: followed.header['settledRevision'] as number,
    });
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const cancel = this.#options.clock.after(ms, wake);
    this.#wake = wake;
    await promise;
    cancel();
    this.#wake = undefined;
  }
}
