import type { Peer } from '../../consensus/membership/membership.ts';

/** Where a member asks another whether it still belongs to the cluster. */
export const standingPath = '/muster/v1/standing';
/** Where a member whose database is lost asks to begin with an empty one. */
export const rejoinPath = '/muster/v1/rejoin';

/** Both are asked with the member's certificate, so that the handshake proves its key. */
export interface StandingRequest {
  readonly clusterId: string;
  /** The Raft node id under which the member wants to run. */
  readonly id: string;
}

export type Standing =
  | 'member'
  /** It belongs to the cluster under another id, with which it has to begin anew. */
  | 'replaced'
  | 'removed'
  /** The cluster was restored from a backup that was taken when the member was there. */
  | 'restored'
  /** Never heard of: by a member that is behind, or of an earlier or later epoch. */
  | 'unknown';

export interface StandingAnswer {
  readonly clusterId: string;
  readonly epoch: number;
  readonly standing: Standing;
  /** A removed member left in order: nothing on its host is of use to anybody. */
  readonly isReleased?: true;
  /** Name of the member that answers. */
  readonly member: string;
}

export interface RejoinAnswer {
  readonly id: string;
  readonly epoch: number;
  readonly peers: readonly Peer[];
}

export function parseStandingRequest(body: unknown): StandingRequest | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { clusterId, id } = body as Readonly<Record<string, unknown>>; // checked here
  return typeof clusterId === 'string' && typeof id === 'string' ? { clusterId, id } : undefined;
}
