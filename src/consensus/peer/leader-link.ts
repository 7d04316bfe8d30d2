import { randomUUID } from 'node:crypto';
import type { SecureContext } from 'node:tls';

import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { TlsMaterial } from '../link/tls-material.ts';
import type { Peer, PeerDirectory } from '../membership/membership.ts';
import type { DiskLevel } from '../space/disk-level.ts';
import type { CommitTarget, TargetHolder } from '../store/commit-target.ts';
import type { StoreState } from '../store/state/store-state.ts';
import { FeedReader } from './feed-reader.ts';
import { encodeFrame } from './frame.ts';
import type { Upstream } from './hub.ts';
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
  /** How much room this member's database has: the leader counts on those that have some. */
  readonly diskLevel: () => DiskLevel;
  /** What the leader says of the room on all disks. */
  readonly onSpace: (level: DiskLevel) => void;
  /** Between 0 and 1, for jitter. */
  readonly random: () => number;
}

const noPayload = new Uint8Array(0);
const followLimitMs = 3_000;
const shortPauseMs = 60;
const maxPauseMs = 1_500;
// An election and the start of a term are over by then.
const unreachableRounds = 12;
// All members that lose the leader ask at once: were each to ask all others, the handshakes of fifty members would
// keep their hosts too busy to elect the next one.
const askedARound = 3;
// Whoever is asked keeps the question until it knows, which costs less than to be asked again and again.
const patientMs = 1_000;
const patientRounds = 5;
const answerLimitMs = 1_000;
const leavePauseMs = 25;

/** Keeps one connection to the leading member, follows its feed and offers it as the commit target. */
export class LeaderLink {
  readonly #options: LeaderLinkOptions;
  readonly #context: SecureContext;
  readonly #closing = new AbortController();
  #connection: PeerConnection | undefined;
  /** Who leads the one that is followed. */
  #followed: Peer | undefined;
  /** Whom the leader named when it was about to hand over. */
  #successor: string | undefined;
  #upstream: Upstream | undefined;
  #toldReplica = false;
  /** This member is stopping: it follows on, but nobody counts on it any more. */
  #isLeaving = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** Whom another member named in this round. */
  #told: string | undefined;
  /** Who led until now, and does not answer any more: whoever still names it is behind. */
  #lost: string | undefined;
  /** Who holds a replica, as the last leader said: they hear of the next one first. */
  #replicas: readonly string[] = [];

  constructor(options: LeaderLinkOptions) {
    this.#options = options;
    this.#context = createMemberContext(options.tls);
  }

  /** The direct connection to the leader, over which others may follow through this member. */
  get upstream(): Upstream | undefined {
    return this.#upstream;
  }

  start(): void {
    const unsubscribe = this.#options.subscribe(() => {
      if (this.#options.isLeading()) this.#connection?.close(new Error('this member leads now'));
      this.#leaveDeposed();
      this.#tellReplica();
      this.#wake?.();
    });
    this.#running = this.#run().finally(unsubscribe);
  }

  /** The leader is told when it changes; whoever follows anew says it with that. */
  tellDiskLevel(): void {
    const level = this.#options.diskLevel();
    this.#upstream?.connection.push(encodeFrame({ kind: 'push', topic: 'disk', level }));
  }

  /**
   * Tells the leader that this member is about to stop; answers whether that one has seen to its vote. Gives up when
   * nobody answers for a while, and at once when nobody leads, unless somebody is just being elected.
   */
  async leave(isElecting: boolean, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    this.#isLeaving = true;
    for (let untilMs = clock.monotonicMs() + answerLimitMs; clock.monotonicMs() < untilMs;) {
      const answer = await this.#askToLeave(signal);
      if (answer?.isDone === true) return true;
      // Somebody is at it.
      if (answer !== undefined) untilMs = clock.monotonicMs() + answerLimitMs;
      // A spare that follows through another has no vote, and no hint either.
      else if (this.#upstream === undefined && !isElecting && !this.#isLeaderKnown()) return false;
      else await clock.sleep(leavePauseMs, signal);
    }
    return false;
  }

  async #askToLeave(parent: AbortSignal): Promise<{ readonly isDone: boolean } | undefined> {
    const { clock, logger } = this.#options;
    using deadline = createDeadline(
      clock,
      answerLimitMs,
      'telling the leader that this member stops',
      parent,
    );
    const question = { fields: { waitMs: answerLimitMs / 2 }, payload: noPayload };
    try {
      const answer = await this.#upstream?.connection.request(question, 'leave', deadline.signal);
      return answer === undefined ? undefined : { isDone: answer.header['isDone'] === true };
    } catch (error) {
      parent.throwIfAborted();
      logger.debug({ cause: describeError(error) }, 'the leader did not hear that this member stops');
      return undefined;
    }
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
    let failedRounds = 0;
    while (!signal.aborted) {
      // Whoever was asked to lead next is asked first, and without a pause.
      this.#told = this.#successor;
      const hasFollowed = !this.#options.isLeading() && (await this.#tryAll(failedRounds, signal));
      failedRounds = hasFollowed ? 0 : failedRounds + 1;
      if (hasFollowed && this.#successor !== undefined) continue;
      this.#successor = undefined;
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

  /** A spare that got a role may serve others, and the leader sends them here; one that lost it may not. */
  #tellReplica(): void {
    const hasReplica = this.#options.leaderHint() !== undefined;
    if (this.#upstream === undefined || hasReplica === this.#toldReplica) return;
    this.#toldReplica = hasReplica;
    this.#upstream.connection.push(encodeFrame({ kind: 'push', topic: 'replica', hasReplica }));
  }

  /** While somebody is said to lead it is worth asking often: a new leader is just taking over. */
  #isLeaderKnown(): boolean {
    if (this.#options.isLeading()) return false;
    if (this.#options.leaderHint() !== undefined) return true;
    return this.#told !== undefined && this.#told !== this.#lost;
  }

  /** Follows the first candidate that leads, until that ends; false when nobody does. */
  async #tryAll(failedRounds: number, signal: AbortSignal): Promise<boolean> {
    const tried = new Set<string>();
    const ask: Ask = failedRounds < patientRounds && !this.#toldReplica ? { isPatient: true } : askLeader;
    for (let peer = this.#nextCandidate(tried); peer !== undefined; peer = this.#nextCandidate(tried)) {
      tried.add(peer.id);
      if (await this.#try(peer, ask, signal)) return true;
      if (signal.aborted || this.#options.isLeading()) return false;
    }
    // Somebody has been leading for a while whom this member cannot reach; the others may.
    if (this.#told === undefined || failedRounds < unreachableRounds) return false;
    return await this.#tryHubs([...this.#idsOf(this.#replicas), ...tried], signal);
  }

  #idsOf(names: readonly string[]): readonly string[] {
    return names.flatMap((name) => this.#options.peers.findByName(name)?.id ?? []);
  }

  async #tryHubs(ids: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { peers, random } = this.#options;
    const shuffled = ids.map((id) => [random(), id] as const).toSorted(([a], [b]) => a - b);
    for (const [, id] of shuffled) {
      const hub = peers.findById(id);
      if (hub !== undefined && (await this.#try(hub, { isHub: true }, signal))) return true;
      if (signal.aborted || this.#options.isLeading()) return false;
    }
    return false;
  }

  async #try(peer: Peer, ask: Ask, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#follow(peer, ask, signal);
    } catch (error) {
      const fields = { member: peer.name, cause: describeError(error) };
      this.#options.logger.debug(fields, 'cannot follow this member');
      if (peer.name === this.#told) this.#lost = peer.name;
      return false;
    }
  }

  /** First whom the database names, then whom another member named, then a few others in any order. */
  #nextCandidate(tried: ReadonlySet<string>): Peer | undefined {
    const { peers, self, leaderHint, random } = this.#options;
    const others = peers.list().filter(({ id }) => id !== self.id && !tried.has(id));
    const hint = leaderHint();
    const named =
      others.find(({ name }) => name === this.#successor) ??
      others.find(({ id }) => id === hint) ??
      others.find(({ name }) => name === this.#told);
    if (named !== undefined || tried.size >= askedARound) return named;
    const replicas = others.filter(({ name }) => this.#replicas.includes(name) && name !== this.#lost);
    const asked = replicas.length > 0 && tried.size + 1 < askedARound ? replicas : others;
    return asked[Math.floor(random() * asked.length)];
  }

  /** False when the peer does not serve; otherwise true after the connection to it, or to a hub, ended. */
  async #follow(peer: Peer, ask: Ask, signal: AbortSignal): Promise<boolean> {
    const { clock, timing, state } = this.#options;
    const stream = await connectToPeer(peer, this.#context, clock, signal);
    const { promise: closed, resolve: onClosed } = Promise.withResolvers<Error>();
    const reader = new FeedReader(state);
    const connection = new PeerConnection(stream, {
      clock,
      timing,
      leadsPings: false,
      handlers: {
        answer: () =>
          Promise.reject(new ConsensusError('NotLeader', 'leading on a connection to the leader')),
        push: (frame) => {
          const { topic } = frame.header;
          if (topic === 'successor') this.#successor = frame.header['member'] as string;
          else if (topic === 'space') this.#options.onSpace(frame.header['level'] as DiskLevel);
          else reader.read(frame);
        },
        heard: () => undefined,
        quiet: this.#options.onQuiet,
        closed: onClosed,
      },
    });
    this.#connection = connection;
    try {
      const place = await this.#askToFollow(connection, peer, ask);
      if (place === undefined) return false;
      if ('hubs' in place) {
        connection.close(new Error('following a hub in its place'));
        this.#replicas = place.hubs;
        const ids = this.#idsOf(place.hubs);
        return (await this.#tryHubs(ids, signal)) || (await this.#follow(peer, { isDirect: true }, signal));
      }
      this.#successor = undefined;
      // Meanwhile this member may have been elected: its own sequencer goes first.
      if (this.#options.isLeading()) return true;
      if (ask.isHub !== true) this.#upstream = { term: place.term, connection, feed: reader.feed };
      await this.#useUntil(closed, place);
      return true;
    } finally {
      this.#upstream = undefined;
      reader.feed.end();
      connection.close(new Error('nothing to follow here'));
      this.#connection = undefined;
      this.#followed = undefined;
    }
  }

  async #useUntil(closed: Promise<Error>, target: CommitTarget): Promise<void> {
    const { targets, logger, peers } = this.#options;
    const { leader } = target;
    this.#followed = peers.findByName(leader);
    this.#lost = undefined;
    const isDirect = this.#upstream !== undefined;
    targets.set(target);
    logger.info({ leader, term: target.term }, 'following the leader');
    const reason = await closed;
    // Before anybody hears of it: what is served through this member has lost the leader too.
    this.#upstream = undefined;
    if (isDirect) this.#lost = leader;
    targets.clear(target);
    logger.info({ leader, cause: reason.message }, 'lost the leader');
  }

  async #askToFollow(
    connection: PeerConnection,
    peer: Peer,
    ask: Ask,
  ): Promise<CommitTarget | { readonly hubs: readonly string[] } | undefined> {
    const { clock, state, leaderHint } = this.#options;
    using deadline = createDeadline(clock, followLimitMs, `asking member ${peer.name} who leads`);
    const { signal } = deadline;
    if (ask.isHub !== true) {
      const isSuccessor = peer.name === this.#successor;
      const patience = ask.isPatient === true ? { waitMs: patientMs, lost: this.#lost } : {};
      const question = { fields: { isSuccessor, ...patience }, payload: noPayload };
      const { header } = await connection.request(question, 'leader', signal);
      this.#told ??= header['leader'] as string | undefined;
      if (header['term'] === undefined) return undefined;
    }
    // Only a node that holds a replica hears of a leader.
    this.#toldReplica = leaderHint() !== undefined;
    const fields = {
      revision: state.revision,
      session: randomUUID(),
      hasReplica: this.#toldReplica,
      diskLevel: this.#options.diskLevel(),
      ...(ask.isDirect === true ? { direct: true } : {}),
      ...(this.#isLeaving ? { isLeaving: true } : {}),
    };
    const { header } = await connection.request({ fields, payload: noPayload }, 'follow', signal);
    if (header['hubs'] !== undefined) return { hubs: header['hubs'] as readonly string[] };
    return new RemoteTarget(connection, {
      term: header['term'] as number,
      leader: header['leader'] as string,
      settledRevision: header['settledRevision'] as number,
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

/** What is asked of a peer: to be followed if it leads, in any case directly, or to let its own leader be followed through it. */
interface Ask {
  readonly isDirect?: true;
  readonly isHub?: true;
  /** Who does not know yet is to answer when it does. */
  readonly isPatient?: true;
}

const askLeader: Ask = {};
