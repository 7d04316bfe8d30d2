import type { Peer } from '../../consensus/membership/membership.ts';
import type { Tombstone } from '../../consensus/membership/peer-entry.ts';
import type { Standing, StandingAnswer } from './standing-protocol.ts';

export interface StandingView {
  readonly findByPublicKey: (publicKeySha256: string) => Peer | undefined;
  readonly findTombstone: (id: string) => Tombstone | undefined;
}

/** What this member knows of one that asks. Tombstones never go, so a member that is behind may judge as well. */
export function judgeStanding(
  { id, publicKeySha256 }: Pick<Peer, 'id' | 'publicKeySha256'>,
  { findByPublicKey, findTombstone }: StandingView,
): Standing {
  const peer = findByPublicKey(publicKeySha256);
  if (peer !== undefined) return peer.id === id ? 'member' : 'replaced';
  const tombstone = findTombstone(id);
  if (tombstone?.publicKeySha256 !== publicKeySha256) return 'unknown';
  return tombstone.reason === 'restored' ? 'restored' : 'removed';
}

/** Whether its host may be made clean: never after a forced removal, which gives up what only that host has. */
export function isReleased(id: string, { findTombstone }: Pick<StandingView, 'findTombstone'>): boolean {
  return findTombstone(id)?.isReleased === true;
}

export type Verdict =
  | { readonly kind: 'go'; readonly epoch: number }
  | { readonly kind: 'start anew'; readonly because: string }
  | { readonly kind: 'stay down'; readonly because: string; readonly isReleased?: true };

/**
 * What a member makes of all answers. Only those of its own cluster and of its own or a later epoch count: what an
 * earlier epoch says of this one is out of date, as is everything in it.
 */
export function decideStart(answers: readonly StandingAnswer[], ownEpoch: number): Verdict {
  const newest = Math.max(ownEpoch, ...answers.map(({ epoch }) => epoch));
  const counting = answers.filter(({ epoch }) => epoch === newest);
  const said = (standing: Standing): StandingAnswer | undefined =>
    counting.find((answer) => answer.standing === standing);
  const removed = said('removed');
  if (removed !== undefined) {
    const because = `member ${removed.member} says that this member was removed from the cluster`;
    const release = counting.some((answer) => answer.isReleased === true)
      ? { isReleased: true as const }
      : {};
    return { kind: 'stay down', because, ...release };
  }
  const replaced = said('replaced');
  if (replaced !== undefined) {
    return { kind: 'start anew', because: `member ${replaced.member} knows this member under a new id` };
  }
  const restored = said('restored') ?? (newest > ownEpoch ? said('unknown') : undefined);
  if (restored !== undefined && said('member') === undefined) {
    const because =
      `member ${restored.member} says that the cluster was founded anew without this member: ` +
      `it is in epoch ${newest}, and this member belongs to epoch ${ownEpoch}`;
    return { kind: 'stay down', because };
  }
  return { kind: 'go', epoch: newest };
}
