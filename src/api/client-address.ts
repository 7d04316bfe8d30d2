import type { Member } from './generated/member.ts';
import type { Cluster } from './generated/cluster.ts';

const defaultPort = 8443;
const wildcard = /^(0\.0\.0\.0|\[::\]):/;

/** Where clients reach a member, `host:port`: its own address for them, else the one for the other members. */
export function clientAddressOf({ spec }: Pick<Member, 'spec'>): string {
  return spec.clientAddresses?.find((address) => !wildcard.test(address)) ?? spec.address;
}

/** The address that moves with a healthy member, `host:port`; undefined without one. */
export function virtualAddressOf(cluster: Cluster | undefined): string | undefined {
  const { address, port = defaultPort } = cluster?.spec?.virtualAddress ?? {};
  if (address === undefined) return undefined;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
