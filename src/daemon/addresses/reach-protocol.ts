/** Where a member asks another whether it would reach it at an address, before it moves there. */
export const reachPath = '/muster/v1/reach';

/** Asked with the member's certificate, so that the handshake proves its key. */
export interface ReachRequest {
  readonly clusterId: string;
  /** `host:port` that the asking member wants to have, or has. */
  readonly address: string;
}

export interface ReachAnswer {
  /** Name of the member that answers. */
  readonly member: string;
  /** `host:port` at which it knows the asking one now. */
  readonly known: string;
  /** Why the address is no good from there; absent when the asking member answers at it. */
  readonly problem?: string;
}

export function parseReachRequest(body: unknown): ReachRequest | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { clusterId, address } = body as Readonly<Record<string, unknown>>; // checked here
  return typeof clusterId === 'string' && typeof address === 'string' ? { clusterId, address } : undefined;
}
