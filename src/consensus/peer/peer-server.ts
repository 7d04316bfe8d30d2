import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';

import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import { pinnedTlsOptions, presentedKey } from '../link/pinned-tls.ts';
import { peerProtocol } from '../link/protocols.ts';
import type { TlsMaterial } from '../link/tls-material.ts';
import type { Departures } from '../membership/departures.ts';
import type { Peer, PeerDirectory } from '../membership/membership.ts';
import type { DiskLevel } from '../space/disk-level.ts';
import type { LeadingTerm } from '../store/leading/leading-term.ts';
import type { StoreState } from '../store/state/store-state.ts';
import { BatchFrames, streamToFollower } from './follower-stream.ts';
import type { Frame, Header } from './frame.ts';
import { Hub, type Upstream } from './hub.ts';
import { decodeTransaction } from './messages.ts';
import { PeerConnection, type PeerTiming } from './peer-connection.ts';
import { createMemberContext } from './peer-tls.ts';

export interface PeerServerOptions {
  readonly tls: TlsMaterial;
  readonly peers: PeerDirectory;
  readonly state: StoreState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: PeerTiming;
  /** The running term of this member, when it leads. */
  readonly term: () => LeadingTerm | undefined;
  /** Name of the member that leads as far as this one knows. */
  readonly leader: () => string | undefined;
  /** Looks whether this member leads by now, and resolves when it does or does not. */
  readonly lookForTerm: () => Promise<void>;
  /** The direct connection of this member to the leader, over which it may serve others. */
  readonly upstream: () => Upstream | undefined;
  /** So many members without a replica follow the leader itself; the others follow those that hold one. */
  readonly directSpares: number;
  /** Told of members that are stopping, and of their return. */
  readonly departures: Departures;
  /** The room on the disks of the followers has changed, or who follows. */
  readonly onDiskLevels: () => void;
}

export interface PeerServer {
  /** Monotonic time at which each member was last heard over any connection. */
  readonly heardMs: ReadonlyMap<string, number>;
  /** Names of the members that follow this one directly, the longest first. */
  followers(): readonly string[];
  /** How much room the databases of those have. */
  diskLevels(): ReadonlyMap<string, DiskLevel>;
  /** Takes over a connection of another member, its TLS bytes unread. */
  accept(socket: Socket): void;
  close(): void;
}

interface Follower {
  readonly name: string;
  readonly hasReplica: boolean;
  readonly diskLevel: DiskLevel;
}

type Fields = Readonly<Record<string, unknown>>;

const handshakeLimitMs = 5_000;
// A follower's own deadline is nearer; this one is for followers that vanish.
const requestLimitMs = 30_000;
// A transfer takes a few milliseconds; a look takes 25 while nobody leads.
const successorLooks = 12;
const longestWaitMs = 2_000;
const waitStepMs = 25;

/** Serves the other members: who leads, and, while this one does, commits, read points and the feed. */
export function createPeerServer(options: PeerServerOptions): PeerServer {
  return new ServerOfPeers(options);
}

class ServerOfPeers implements PeerServer {
  readonly heardMs = new Map<string, number>();
  readonly #options: PeerServerOptions;
  readonly #secureContext: SecureContext;
  readonly #connections = new Map<PeerConnection, Peer>();
  readonly #followers = new Map<PeerConnection, Follower>();
  /** How each member follows now, directly or not: what comes from an earlier time must not be committed. */
  readonly #sessions = new Map<string, string>();
  readonly #hub: Hub;
  readonly #sockets = new Set<Socket>();
  readonly #frames = new BatchFrames();

  constructor(options: PeerServerOptions) {
    const { state, clock, logger, upstream } = options;
    this.#options = options;
    this.#secureContext = createMemberContext(options.tls);
    options.peers.subscribe(() => this.#dropStrangers());
    this.#hub = new Hub({ state, clock, logger, upstream, frames: this.#frames, heardMs: this.heardMs });
  }

  accept(socket: Socket): void {
    const stream = new TLSSocket(socket, {
      ...pinnedTlsOptions,
      ...{ isServer: true, requestCert: true, secureContext: this.#secureContext },
      ALPNProtocols: [peerProtocol],
    });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#handshake(stream);
  }

  followers(): readonly string[] {
    return [...this.#followers.values()].map(({ name }) => name);
  }

  diskLevels(): ReadonlyMap<string, DiskLevel> {
    return new Map([...this.#followers.values()].map(({ name, diskLevel }) => [name, diskLevel]));
  }

  close(): void {
    const reason = new Error('this member shuts down');
    this.#hub.close();
    for (const connection of [...this.#connections.keys()]) connection.close(reason);
    for (const socket of this.#sockets) socket.destroy();
  }

  #handshake(stream: TLSSocket): void {
    const { clock, peers, logger } = this.#options;
    const cancel = clock.after(handshakeLimitMs, () => stream.destroy());
    // Errors before there is a connection concern nobody; afterwards the connection listens too.
    stream.on('error', () => stream.destroy());
    stream.once('close', cancel);
    stream.once('secure', () => {
      cancel();
      const key = presentedKey(stream);
      const peer = key === undefined ? undefined : peers.findByPublicKey(key);
      if (peer !== undefined) {
        this.#open(stream, peer);
        return;
      }
      logger.warn({}, 'refused a connection of a member: its key belongs to nobody in the directory');
      stream.destroy();
    });
  }

  #open(stream: TLSSocket, peer: Peer): void {
    const { clock, timing, logger } = this.#options;
    stream.setNoDelay(true);
    const connection: PeerConnection = new PeerConnection(stream, {
      clock,
      timing,
      leadsPings: true,
      handlers: {
        answer: (frame, signal) => this.#answer(connection, peer, frame, signal),
        push: ({ header }) => this.#takePush(connection, header),
        heard: () => this.heardMs.set(peer.name, clock.monotonicMs()),
        closed: (reason) => {
          this.#connections.delete(connection);
          this.#followers.delete(connection);
          this.#hub.forget(connection);
          logger.debug({ member: peer.name, cause: reason.message }, 'a member disconnected');
        },
      },
    });
    this.#connections.set(connection, peer);
  }

  async #answer(connection: PeerConnection, peer: Peer, frame: Frame, parent: AbortSignal): Promise<Fields> {
    const { header, payload } = frame;
    using deadline = createDeadline(this.#options.clock, requestLimitMs, 'answering a member', parent);
    switch (header['method']) {
      case 'leader':
        // Who asks has lost its leader; this member may have been elected and not know it yet.
        await this.#waitForTerm(header['isSuccessor'] === true ? successorLooks : 1);
        await this.#waitForLeader(header, deadline.signal);
        return { leader: this.#options.leader(), term: this.#options.term()?.term };
      case 'follow':
        if (this.#options.term() !== undefined) return await this.#follow(connection, peer, header);
        return await this.#hub.follow(connection, peer, frame, deadline.signal);
      case 'attach':
        return await this.#attach(connection, String(header['member']), header);
      case 'leave':
        return await this.#seeOff(peer, header);
      case 'commit': {
        if (this.#options.term() === undefined)
          return await this.#hub.forward(connection, frame, deadline.signal);
        const { transaction, transactionId } = decodeTransaction(header, payload);
        this.#refuseFormerSession(header);
        return { result: await this.#leadingTerm().submit(transaction, transactionId, deadline.signal) };
      }
      case 'read-point':
        if (this.#options.term() === undefined)
          return await this.#hub.forward(connection, frame, deadline.signal);
        return { revision: await this.#leadingTerm().readPoint() };
      default:
        throw new ConsensusError('Closed', `answering the unknown request ${String(header['method'])}`);
    }
  }

  async #waitForTerm(looks: number): Promise<void> {
    for (let look = 0; look < looks && this.#options.term() === undefined; look += 1) {
      await this.#options.lookForTerm();
    }
  }

  /** A member that knows of no leader, or of one that is gone, is not helped by hearing that others know no more. */
  async #waitForLeader({ waitMs, lost }: Header, signal: AbortSignal): Promise<void> {
    if (typeof waitMs !== 'number') return;
    const { clock, leader, term } = this.#options;
    const untilMs = clock.monotonicMs() + Math.min(waitMs, longestWaitMs);
    const isNews = (): boolean => term() !== undefined || (leader() !== undefined && leader() !== lost);
    while (!isNews() && clock.monotonicMs() < untilMs) await clock.sleep(waitStepMs, signal);
  }

  async #follow(connection: PeerConnection, peer: Peer, header: Header): Promise<Fields> {
    const { state, logger } = this.#options;
    const term = this.#leadingTerm();
    const hubs = this.#hubsFor(header);
    if (hubs.length > 0) return { hubs };
    const revision = Number(header['revision']);
    const answer = await this.#attach(connection, peer.name, header);
    // A member of an earlier release does not say how its disk is.
    const diskLevel = (header['diskLevel'] ?? 'ok') as DiskLevel;
    const hasReplica = header['hasReplica'] !== false;
    this.#followers.set(connection, { name: peer.name, hasReplica, diskLevel });
    if (diskLevel !== 'ok') this.#options.onDiskLevels();
    // Started after the answer is on its way: the follower needs to know the term first.
    setImmediate(() => {
      streamToFollower(connection, { term, state, frames: this.#frames }, revision).catch(
        (error: unknown) => {
          connection.close(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
    logger.debug({ member: peer.name, revision }, 'a member follows');
    return answer;
  }

  /** Answers whether the member may stop without more ado; who assigns the roles goes on when it has stopped waiting. */
  async #seeOff({ name }: Peer, { waitMs }: Header): Promise<Fields> {
    this.#leadingTerm();
    const limitMs = Math.min(Number(waitMs), longestWaitMs);
    return { isDone: await this.#options.departures.announce(name, limitMs) };
  }

  async #attach(connection: PeerConnection, member: string, { session, isLeaving }: Header): Promise<Fields> {
    const term = this.#leadingTerm();
    this.#sessions.set(member, String(session));
    if (isLeaving !== true) this.#options.departures.returned(member);
    this.#closeOthersOf(member, connection);
    // What its former connection had in flight must be decided before it is told where it stands.
    await term.settle();
    return { term: term.term, leader: term.leader, settledRevision: this.#options.state.revision };
  }

  /**
   * Whom a member may follow in place of this one; empty when it is served here. Replicas are held where the
   * cluster wants its control plane, so those members are the hubs in that mode too.
   */
  #hubsFor({ hasReplica, direct }: Header): readonly string[] {
    if (hasReplica !== false || direct === true) return [];
    const followers = [...this.#followers.values()];
    const spares = followers.filter((follower) => !follower.hasReplica);
    if (spares.length < this.#options.directSpares) return [];
    return followers.filter((follower) => follower.hasReplica).map(({ name }) => name);
  }

  /** A write that lingered at a hub while its author moved on, and was told that it is not written. */
  #refuseFormerSession(header: Header): void {
    const member = header['member'] as string | undefined;
    if (member === undefined || this.#sessions.get(member) === header['session']) return;
    throw new ConsensusError('NotLeader', `committing for member ${member}, which follows anew`);
  }

  #takePush(connection: PeerConnection, header: Header): void {
    const follower = this.#followers.get(connection);
    if (header['topic'] === 'heard') this.#hearOfOthers(header);
    else if (header['topic'] === 'replica' && follower !== undefined) {
      this.#followers.set(connection, { ...follower, hasReplica: header['hasReplica'] === true });
    } else if (header['topic'] === 'disk' && follower !== undefined) {
      this.#followers.set(connection, { ...follower, diskLevel: header['level'] as DiskLevel });
      this.#options.onDiskLevels();
    }
  }

  #hearOfOthers({ silentMs }: Header): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [name, ms] of silentMs as readonly (readonly [string, number])[]) {
      this.heardMs.set(name, Math.max(this.heardMs.get(name) ?? 0, nowMs - ms));
    }
  }

  #leadingTerm(): LeadingTerm {
    const term = this.#options.term();
    if (term !== undefined) return term;
    throw new ConsensusError('NotLeader', `leading here; ${this.#options.leader() ?? 'nobody known'} does`);
  }

  /** A member follows once: an older connection of it is a dead one that was not noticed yet. */
  #closeOthersOf(name: string, kept: PeerConnection): void {
    for (const [connection, owner] of [...this.#connections]) {
      if (owner.name === name && connection !== kept)
        connection.close(new Error('the member connected anew'));
    }
  }

  /** A removed member is not served any longer, also on a connection that it opened before. */
  #dropStrangers(): void {
    for (const [connection, { name, publicKeySha256 }] of [...this.#connections]) {
      const current = this.#options.peers.findByPublicKey(publicKeySha256);
      if (current === undefined) connection.close(new Error('removed'));
      // Until it has started again under its new name, it was heard of under the old one.
      else if (current.name !== name) this.heardMs.set(current.name, this.heardMs.get(name) ?? 0);
    }
  }
}
