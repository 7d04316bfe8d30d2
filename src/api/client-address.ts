import { canonicalIp } from '../base/canonical-ip.ts';
import type { Member } from './generated/member.ts';
import type { Cluster } from './generated/cluster.ts';

const defaultPort = 8443;
const wildcard = /^(0\.0\.0\.0|\[::\]):/;

/** Where clients reach a member, `host:port`: its own address for them, else the one for the other members. */
export function clientAddressOf(member: Pick<Member, 'spec' | 'status'>): string {
  const own = member.spec.clientAddresses?.find((address) => !wildcard.test(address));
  return own ?? memberAddressOf(member);
}

/** Where the other members reach it now, `host:port`: it may not have come to where it is wanted. */
export function memberAddressOf({ spec, status }: Pick<Member, 'spec' | 'status'>): string {
  return status?.address ?? spec.address;
}

/** The address that moves with a healthy member, `host:port`; undefined without one. */
export function virtualAddressOf(cluster: Cluster | undefined): string | undefined {
  const { address, port = defaultPort } = cluster?.spec?.virtualAddress ?? {};
  if (address === undefined) return undefined;
  return address.includes(':') ? `[${canonicalIp(address)}]:${port}` : `${address}:${port}`;
}
