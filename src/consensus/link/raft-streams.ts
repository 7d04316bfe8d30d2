import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';

import type { Clock } from '../../base/clock.ts';
import type { Peer } from '../membership/membership.ts';
import type { HostPort, LinkSockets, TlsMaterial } from './link-messages.ts';
import { pinnedTlsOptions, presentedKey } from './pinned-tls.ts';
import { pipeBoth } from './pipe-both.ts';
import { raftProtocol } from './protocols.ts';

export interface RaftStreamsDeps {
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
}

// dqlite waits in a thread of its own for 3 s; answer before that.
const dialTimeoutMs = 2_000;
const handshakeTimeoutMs = 5_000;
// A peer that stopped without a word is noticed by the kernel after this and a few probes.
const keepAliveMs = 5_000;
const maxRequestBytes = 256;

/** Carries the helper's Raft connections over TLS between members, both keys pinned. */
export function createRaftStreams(deps: RaftStreamsDeps): RaftStreams {
  const { certPem: cert, keyPem: key } = deps.tls;
  const secureContext = createSecureContext({ cert, key, minVersion: pinnedTlsOptions.minVersion });

  function accept(socket: Socket): void {
    const stream = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      requestCert: true,
      rejectUnauthorized: pinnedTlsOptions.rejectUnauthorized,
      ALPNProtocols: [raftProtocol],
    });
    const cancel = deps.clock.after(handshakeTimeoutMs, () => stream.destroy());
    stream.on('error', () => stream.destroy());
    stream.once('close', cancel);
    stream.once('secure', () => {
      cancel();
      const presented = presentedKey(stream);
      if (!deps.peers().some((peer) => peer.publicKeySha256 === presented)) {
        deps.warn({ from: socket.remoteAddress }, 'refused a Raft connection: its key belongs to no member');
        stream.destroy();
        return;
      }
      const engine = createConnection({ path: deps.sockets.engine });
      engine.on('error', () => stream.destroy());
      pipeBoth(stream, engine);
    });
  }

  const dialServer = createServer((helper) => {
    helper.on('error', () => helper.destroy());
    readRequest(helper, (id) => {
      const peer = deps.peers().find((candidate) => candidate.id === id);
      if (peer === undefined) helper.end(`err no member has the id ${id}\n`);
      else dialMember(deps, secureContext, helper, peer);
    });
  });
  return { accept, dialServer };
}

function dialMember(deps: RaftStreamsDeps, secureContext: SecureContext, helper: Socket, peer: Peer): void {
  const { host, port } = splitAddress(peer.address);
  const stream = connectTls({
    host,
    port,
    secureContext,
    ...pinnedTlsOptions,
    ALPNProtocols: [raftProtocol],
    // The name in the certificate does not matter, its key does.
    checkServerIdentity: () => undefined,
  });
  const refuse = (why: string) => {
    cancel();
    helper.end(`err ${why}\n`);
    stream.destroy();
  };
  const cancel = deps.clock.after(dialTimeoutMs, () => refuse(`${peer.address} does not answer`));
  const onError = (error: Error) => refuse(error.message.split('\n')[0] ?? 'connection failed');
  stream.once('error', onError);
  helper.once('close', () => stream.destroy());
  stream.once('secureConnect', () => {
    cancel();
    stream.off('error', onError);
    stream.on('error', () => helper.destroy());
    if (presentedKey(stream) !== peer.publicKeySha256) {
      deps.warn({ member: peer.name, address: peer.address }, "another key than the member's answers there");
      refuse(`another key than that of ${peer.name} answers at ${peer.address}`);
      return;
    }
    stream.setNoDelay(true);
    stream.setKeepAlive(true, keepAliveMs);
    helper.write('ok\n');
    pipeBoth(helper, stream);
  });
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
