import type { Peer } from './membership.ts';

/** Keys of this layer; nothing above it reads or writes under this prefix. */
export const peersPrefix = '/muster/peers/';
export const tombstonesPrefix = '/muster/tombstones/';

export function encodePeer({ id, name, address, publicKeySha256, failureDomain }: Peer): Uint8Array {
  return Buffer.from(JSON.stringify({ id, name, address, publicKeySha256, failureDomain }));
}

export function decodePeer(value: Uint8Array): Peer {
  return JSON.parse(Buffer.from(value).toString('utf8')) as Peer;
}
