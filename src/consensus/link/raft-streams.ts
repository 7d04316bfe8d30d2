import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { connect as connectTls, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { Clock } from '../../base/clock.ts';
import type { Peer } from '../membership/membership.ts';
import { acknowledge, watchAcknowledgements } from './acknowledgement.ts';
import type { HostPort, LinkSockets, TlsMaterial } from './link-messages.ts';
import { OpenStreams } from './open-streams.ts';
import { pinnedTlsOptions, presentedKey } from './pinned-tls.ts';
import { raftProtocol } from './protocols.ts';
import { formatRaftName, parseRaftName } from './raft-names.ts';
import { createWaitingRoom } from './waiting-room.ts';

export interface RaftStreamsDeps {
  readonly selfId: string;
  readonly tls: TlsMaterial;
  readonly sockets: LinkSockets;
  readonly clock: Clock;
  readonly peers: () => readonly Peer[];
  readonly warn: (fields: object, message: string) => void;
}

export interface RaftStreams {
  /** A connection from another member, its TLS bytes unread. */
  readonly accept: (socket: Socket) => void;
  /** The server on which the helper asks for connections to other members. */
  readonly dialServer: Server;
  /** Ends streams with those who are no longer in the directory. */
  readonly dropStrangers: () => void;
}

interface Dialing extends RaftStreamsDeps {
  readonly secureContext: SecureContext;
  readonly dialed: OpenStreams;
}

// dqlite waits in a thread of its own for 3 s; answer before that.
const dialTimeoutMs = 2_000;
const handshakes = { connections: 64, timeoutMs: 10_000 };
// A peer that stopped without a word is noticed by the kernel after this and ten probes a second apart.
const keepAliveMs = 5_000;
const maxRequestBytes = 256;

/** Carries the helper's Raft connections over TLS between members, both keys pinned. */
export function createRaftStreams(deps: RaftStreamsDeps): RaftStreams {
  const { certPem: cert, keyPem: key } = deps.tls;
  const secureContext = createSecureContext({ cert, key, minVersion: pinnedTlsOptions.minVersion });
  const accepted = new OpenStreams();
  const dialed = new OpenStreams();
  const waitForHandshake = createWaitingRoom(deps.clock, handshakes);

  function accept(socket: Socket): void {
    const stream = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      requestCert: true,
      rejectUnauthorized: pinnedTlsOptions.rejectUnauthorized,
      ALPNProtocols: [raftProtocol],
    });
    const leave = waitForHandshake(stream);
    stream.on('error', () => stream.destroy());
    stream.once('secure', () => {
      leave();
      const presented = presentedKey(stream);
      const peer = deps.peers().find(({ publicKeySha256 }) => publicKeySha256 === presented);
      if (peer === undefined) {
        deps.warn({ from: socket.remoteAddress }, 'refused a Raft connection: its key belongs to no member');
        stream.destroy();
        return;
      }
      const ends = parseRaftName(stream.servername);
      if (ends?.from !== peer.id || ends.to !== deps.selfId) {
        const fields = { member: peer.name, ...ends, expected: { from: peer.id, to: deps.selfId } };
        deps.warn(fields, 'refused a Raft connection of an earlier life of a member, or to one of this');
        stream.destroy();
        return;
      }
      accepted.add(peer.publicKeySha256, stream);
      serve(stream, deps);
    });
  }

  const dialServer = createServer((helper) => {
    helper.on('error', () => helper.destroy());
    readRequest(helper, (id) => {
      const peer = deps.peers().find((candidate) => candidate.id === id);
      if (peer === undefined) helper.end(`err no member has the id ${id}\n`);
      else dialMember({ ...deps, secureContext, dialed }, helper, peer);
    });
  });

  function dropStrangers(): void {
    const keys = new Set(deps.peers().map((peer) => peer.publicKeySha256));
    accepted.keepOnly(keys);
    dialed.keepOnly(keys);
  }
  return { accept, dialServer, dropStrangers };
}

/** Leads a member's stream to our helper, which never answers on it. */
function serve(stream: TLSSocket, { sockets, clock }: RaftStreamsDeps): void {
  const engine = createConnection({ path: sockets.engine });
  pipeline(stream, engine, () => {
    stream.destroy();
    engine.destroy();
  });
  // When the helper ends, the other member has to hear of it.
  engine.resume().once('close', () => stream.destroy());
  acknowledge(stream, clock);
}

function dialMember(dialing: Dialing, helper: Socket, peer: Peer): void {
  const { clock, secureContext, warn } = dialing;
  const { host, port } = splitAddress(peer.address);
  const stream = connectTls({
    host,
    port,
    secureContext,
    ...pinnedTlsOptions,
    ALPNProtocols: [raftProtocol],
    servername: formatRaftName({ from: dialing.selfId, to: peer.id }),
    // The name in the certificate does not matter, its key does.
    checkServerIdentity: () => undefined,
  });
  const refuse = (why: string) => {
    cancel();
    helper.end(`err ${why}\n`);
    stream.destroy();
  };
  const cancel = clock.after(dialTimeoutMs, () => refuse(`${peer.address} does not answer`));
  const onError = (error: Error) => refuse(error.message.split('\n')[0] ?? 'connection failed');
  stream.once('error', onError);
  helper.once('close', () => stream.destroy());
  stream.once('secureConnect', () => {
    cancel();
    stream.off('error', onError);
    stream.on('error', () => helper.destroy());
    if (presentedKey(stream) !== peer.publicKeySha256 || stream.alpnProtocol !== raftProtocol) {
      warn({ member: peer.name, address: peer.address }, "another key than the member's answers there");
      refuse(`another key than that of ${peer.name} answers at ${peer.address}`);
      return;
    }
    helper.write('ok\n');
    carry(dialing, { helper, stream, peer });
  });
}

/** Leads the helper's stream to the other member, for as long as that acknowledges. */
function carry(
  { clock, dialed, warn }: Dialing,
  { helper, stream, peer }: { readonly helper: Socket; readonly stream: TLSSocket; readonly peer: Peer },
): void {
  stream.setNoDelay(true);
  stream.setKeepAlive(true, keepAliveMs);
  dialed.add(peer.publicKeySha256, stream);
  const onStall = () => {
    warn({ member: peer.name, address: peer.address }, 'a Raft stream hangs and is opened anew');
    stream.destroy();
  };
  watchAcknowledgements(stream, helper, { clock, onStall });
  pipeline(helper, stream, () => {
    helper.destroy();
    stream.destroy();
  });
  stream.once('close', () => helper.destroy());
}

/** The helper writes `ID ADDRESS` and waits; everything after our answer belongs to dqlite. */
function readRequest(helper: Socket, handle: (id: string) => void): void {
  let line = '';
  const read = () => {
    const chunk = helper.read() as Buffer | null; // -- binary mode: chunks are Buffers
    if (chunk === null) return;
    line += chunk.toString('latin1');
    if (line.length > maxRequestBytes) helper.destroy();
    if (!line.includes('\n')) return;
    helper.off('readable', read);
    handle(line.split(' ')[0] ?? '');
  };
  helper.on('readable', read);
}

/** `host:port`, with IPv6 hosts in brackets. */
export function splitAddress(address: string): HostPort {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
