import type { Peer } from '../membership/membership.ts';
import {
  decodeEpoch,
  decodePeer,
  encodePeer,
  encodeTombstone,
  epochKey,
  peersPrefix,
  tombstonesPrefix,
  type Epoch,
  type TombstoneReason,
} from '../membership/peer-entry.ts';
import type { StoredEntry, WriteOperation } from '../store/store.ts';

export interface StoredKeys {
  readonly get: (key: string) => StoredEntry | undefined;
  readonly range: (prefix: string) => readonly StoredEntry[];
}

export interface NewEpoch {
  readonly reason: Epoch['reason'];
  /** Everybody who belongs to the cluster from now on, each under an id that was never used. */
  readonly peers: readonly Peer[];
  readonly nowMs: number;
}

/**
 * The transaction with which a cluster is founded anew from one copy: all ids of before are buried, so that whoever
 * still uses one is told. The number of the epoch is the time, and so above that of any other line of the cluster.
 */
export function planEpoch(
  stored: StoredKeys,
  { reason, peers, nowMs }: NewEpoch,
): { readonly epoch: number; readonly operations: readonly WriteOperation[] } {
  const known = stored.get(epochKey);
  const previous = known === undefined ? 1 : decodeEpoch(known.value).epoch;
  const epoch = Math.max(previous + 1, Math.floor(nowMs / 1_000));
  const record: Epoch = { epoch, reason, since: new Date(nowMs).toISOString() };
  const buriedAs: TombstoneReason = reason === 'recovered' ? 'replaced' : 'restored';
  const buried = stored.range(peersPrefix).map(({ value }) => decodePeer(value));
  return {
    epoch,
    operations: [
      { kind: 'put', key: epochKey, value: Buffer.from(JSON.stringify(record)) },
      ...buried.flatMap((peer): WriteOperation[] => [
        { kind: 'put', key: tombstonesPrefix + peer.id, value: encodeTombstone(peer, buriedAs) },
        { kind: 'delete', key: peersPrefix + peer.id },
      ]),
      ...peers.map((peer): WriteOperation => ({
        kind: 'put',
        key: peersPrefix + peer.id,
        value: encodePeer(peer),
      })),
    ],
  };
}
