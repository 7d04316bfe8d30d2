import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { rm } from 'node:fs/promises';

import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import { acceptForwarded } from '../link/accept-forwarded.ts';
import type { TlsMaterial } from '../link/link-messages.ts';
import { pinnedTlsOptions, presentedKey } from '../link/pinned-tls.ts';
import { peerProtocol } from '../link/protocols.ts';
import type { Peer, PeerDirectory } from '../membership/membership.ts';
import type { LeadingTerm } from '../store/leading/leading-term.ts';
import type { StoreState } from '../store/state/store-state.ts';
import { BatchFrames, streamToFollower } from './follower-stream.ts';
import type { Frame } from './frame.ts';
import { decodeTransaction } from './messages.ts';
import { PeerConnection, type PeerTiming } from './peer-connection.ts';
import { createMemberContext } from './peer-tls.ts';

export interface PeerServerOptions {
  readonly socketPath: string;
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
}

export interface PeerServer {
  /** Monotonic time at which each member was last heard over any connection. */
  readonly heardMs: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;

const handshakeLimitMs = 5_000;
// A follower's own deadline is nearer; this one is for followers that vanish.
const requestLimitMs = 30_000;

/** Serves the other members: who leads, and, while this one does, commits, read points and the feed. */
export async function startPeerServer(options: PeerServerOptions): Promise<PeerServer> {
  const server = new ServerOfPeers(options);
  await server.listen();
  return server;
}

class ServerOfPeers implements PeerServer {
  readonly heardMs = new Map<string, number>();
  readonly #options: PeerServerOptions;
  readonly #server: Server = createServer();
  readonly #connections = new Map<PeerConnection, string>();
  readonly #sockets = new Set<Socket>();
  readonly #frames = new BatchFrames();

  constructor(options: PeerServerOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    const { tls, socketPath, peers } = this.#options;
    const secureContext = createMemberContext(tls);
    acceptForwarded(this.#server, (socket) => {
      const stream = new TLSSocket(socket, {
        ...pinnedTlsOptions,
        ...{ isServer: true, requestCert: true, secureContext, ALPNProtocols: [peerProtocol] },
      });
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#handshake(stream);
    });
    peers.subscribe(() => this.#dropStrangers());
    // A socket file of a killed process would refuse the name.
    await rm(socketPath, { force: true });
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#server.once('error', reject);
    this.#server.listen(socketPath, () => resolve(undefined));
    await promise;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const reason = new Error('this member shuts down');
    for (const connection of [...this.#connections.keys()]) connection.close(reason);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
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
      handlers: {
        answer: (frame, signal) => this.#answer(connection, peer, frame, signal),
        push: () => undefined,
        heard: () => this.heardMs.set(peer.name, clock.monotonicMs()),
        closed: (reason) => {
          this.#connections.delete(connection);
          logger.debug({ member: peer.name, cause: reason.message }, 'a member disconnected');
        },
      },
    });
    this.#connections.set(connection, peer.name);
  }

  async #answer(connection: PeerConnection, peer: Peer, frame: Frame, parent: AbortSignal): Promise<Fields> {
    const { header, payload } = frame;
    using deadline = createDeadline(this.#options.clock, requestLimitMs, 'answering a member', parent);
    switch (header['method']) {
      case 'leader':
        // Who asks has lost its leader; this member may have been elected and not know it yet.
        if (this.#options.term() === undefined) await this.#options.lookForTerm();
        return { leader: this.#options.leader(), term: this.#options.term()?.term };
      case 'follow':
        return await this.#follow(connection, peer, Number(header['revision']));
      case 'commit': {
        const { transaction, transactionId } = decodeTransaction(header, payload);
        const term = this.#leadingTerm();
        return { result: await term.submit(transaction, transactionId, deadline.signal) };
      }
      case 'read-point':
        return { revision: await this.#leadingTerm().readPoint() };
      default:
        throw new ConsensusError('Closed', `answering the unknown request ${String(header['method'])}`);
    }
  }

  async #follow(connection: PeerConnection, peer: Peer, revision: number): Promise<Fields> {
    const { state, logger } = this.#options;
    const term = this.#leadingTerm();
    this.#closeOthersOf(peer.name, connection);
    // What its former connection had in flight must be decided before it is told where it stands.
    await term.settle();
    const answer = { term: term.term, leader: term.leader, settledRevision: state.revision };
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

  #leadingTerm(): LeadingTerm {
    const term = this.#options.term();
    if (term !== undefined) return term;
    throw new ConsensusError('NotLeader', `leading here; ${this.#options.leader() ?? 'nobody known'} does`);
  }

  /** A member follows once: an older connection of it is a dead one that was not noticed yet. */
  #closeOthersOf(name: string, kept: PeerConnection): void {
    for (const [connection, owner] of [...this.#connections]) {
      if (owner === name && connection !== kept) connection.close(new Error('the member connected anew'));
    }
  }

  /** A removed member is not served any longer, also on a connection that it opened before. */
  #dropStrangers(): void {
    for (const [connection, name] of [...this.#connections]) {
      if (this.#options.peers.findByName(name) === undefined) connection.close(new Error('removed'));
    }
  }
}
