import type { Peer } from './membership.ts';

/** Keys of this layer; nothing above it reads or writes under this prefix. */
export const peersPrefix = '/muster/peers/';
export const tombstonesPrefix = '/muster/tombstones/';
export const epochKey = '/muster/epoch';

/** Why an id can never come back. */
export type TombstoneReason =
  /** The member was removed from the cluster. */
  | 'removed'
  /** The member lives on under another id, because its database was lost or has to be filled anew. */
  | 'replaced'
  /** The cluster was restored from a backup on another host. */
  | 'restored';

export interface Tombstone extends Peer {
  readonly reason: TombstoneReason;
  /** It left in order, with nothing that only it had: its host may be made clean. */
  readonly isReleased?: true;
}

/**
 * How often the cluster was founded anew from one copy: after the loss of its quorum, or from a backup. What an
 * earlier epoch went on to write does not count.
 */
export interface Epoch {
  readonly epoch: number;
  readonly reason: 'recovered' | 'restored';
  /** RFC 3339. */
  readonly since: string;
}

export function encodeTombstone(peer: Peer, reason: TombstoneReason, isReleased = false): Uint8Array {
  const { id, name, address, publicKeySha256, failureDomain } = peer;
  const release = isReleased ? { isReleased } : {};
  return Buffer.from(
    JSON.stringify({ id, name, address, publicKeySha256, failureDomain, reason, ...release }),
  );
}

/** Those of earlier releases say no reason: they were all written by a removal. */
export function decodeTombstone(value: Uint8Array): Tombstone {
  const tombstone = JSON.parse(Buffer.from(value).toString('utf8')) as Peer & Partial<Tombstone>;
  return { ...tombstone, reason: tombstone.reason ?? 'removed' };
}

export function decodeEpoch(value: Uint8Array): Epoch {
  return JSON.parse(Buffer.from(value).toString('utf8')) as Epoch;
}

export function encodePeer({ id, name, address, publicKeySha256, failureDomain }: Peer): Uint8Array {
  return Buffer.from(JSON.stringify({ id, name, address, publicKeySha256, failureDomain }));
}

export function decodePeer(value: Uint8Array): Peer {
  return JSON.parse(Buffer.from(value).toString('utf8')) as Peer;
}
