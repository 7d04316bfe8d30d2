import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

import { splitAddress } from '../link/split-address.ts';
import type { TlsMaterial } from '../link/tls-material.ts';
import type { Peer } from '../membership/membership.ts';

/** What the helper has to know before it speaks with the nodes of other members. */
export interface RaftIdentity {
  readonly tls: TlsMaterial;
  readonly peers: readonly Peer[];
}

/** Tells the helper who it is. In this order: the list of members is what it waits for. */
export function sendIdentity({ stdin }: ChildProcess, { tls, peers }: RaftIdentity): void {
  const encode = (pem: string): string => Buffer.from(pem).toString('base64');
  stdin?.write(`identity ${encode(tls.certPem)} ${encode(tls.keyPem)}\n${formatMembers(peers)}`);
}

export function sendMembers({ stdin }: ChildProcess, peers: readonly Peer[]): void {
  stdin?.write(formatMembers(peers));
}

/** Gives a connection away: afterwards this process has it no more. */
export function sendConnection(helper: ChildProcess, socket: Socket, hello: Buffer): void {
  if (!helper.connected) {
    socket.destroy();
    return;
  }
  // Without a helper to take it the connection ends, and the other member dials again.
  helper.send({ hello: hello.toString('base64') }, socket, {}, () => undefined);
}

function formatMembers(peers: readonly Peer[]): string {
  const entries = peers.map(({ id, name, address, publicKeySha256 }) => {
    const { host, port } = splitAddress(address);
    return ` ${[id, name, host, port, publicKeySha256].join(',')}`;
  });
  return `members${entries.join('')}\n`;
}
