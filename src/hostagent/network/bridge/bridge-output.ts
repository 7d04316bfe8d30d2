import type { LinkObservation } from '../driver.ts';
import { digestChainPrefix, firewallTable } from './firewall.ts';

interface IpLink {
  readonly ifname?: string;
  readonly ifalias?: string;
  readonly master?: string;
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly address?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info?: readonly {
    readonly local?: string;
    readonly prefixlen?: number;
    readonly scope?: string;
    readonly dynamic?: boolean;
  }[];
}

const aliasPrefix = 'muster:';

export function linkAlias(networkUid: string): string {
  return `${aliasPrefix}${networkUid}`;
}

/** Reads `ip -j -d addr show`. A bridge without a mark but with our hardware address is a creation cut off. */
export function parseLink(
  text: string,
  name: string,
  uid: string,
  hwaddr: string,
): LinkObservation | undefined {
  const links = JSON.parse(text) as readonly IpLink[]; // iproute2's own form
  const link = links.find(({ ifname }) => ifname === name);
  if (link === undefined) return undefined;
  const ownerUid = findOwner(link, uid, hwaddr);
  return {
    ...(ownerUid === undefined ? {} : { ownerUid }),
    hwaddr: link.address ?? '',
    mtu: link.mtu ?? 0,
    isUp: link.flags?.includes('UP') ?? false,
    addresses: (link.addr_info ?? [])
      .filter(({ scope, dynamic }) => scope === 'global' && dynamic !== true)
      .map(({ local = '', prefixlen = 0 }) => `${local}/${prefixlen}`),
    ports: links.filter(({ master }) => master === name).map(({ ifname = '' }) => ifname),
  };
}

function findOwner({ ifalias, address, linkinfo }: IpLink, uid: string, hwaddr: string): string | undefined {
  if (ifalias?.startsWith(aliasPrefix) === true) return ifalias.slice(aliasPrefix.length);
  const isCutOff = ifalias === undefined && address === hwaddr && linkinfo?.info_kind === 'bridge';
  return isCutOff ? uid : undefined;
}

interface NftList {
  readonly nftables?: readonly { readonly chain?: { readonly table?: string; readonly name?: string } }[];
}

/** Reads `nft -j list chains`: the digest in the name of the table's marker chain. */
export function parseFirewallDigest(text: string, networkInterface: string): string | undefined {
  if (text.trim() === '') return undefined;
  const { nftables = [] } = JSON.parse(text) as NftList; // nftables' own form
  const table = firewallTable(networkInterface);
  const chains = nftables.flatMap(({ chain }) => (chain?.table === table ? [chain.name ?? ''] : []));
  if (chains.length === 0) return undefined;
  return chains.find((name) => name.startsWith(digestChainPrefix))?.slice(digestChainPrefix.length) ?? '';
}

interface IpNetconf {
  readonly family?: string;
  readonly interface?: string;
  readonly forwarding?: boolean;
}

/** Reads `ip -j netconf show`. */
export function parseForwarding(text: string): {
  readonly forwardsIpv4: boolean;
  readonly forwardsIpv6: boolean;
} {
  const entries = JSON.parse(text) as readonly IpNetconf[]; // iproute2's own form
  const has = (wanted: string): boolean =>
    entries.some(
      ({ family, interface: name, forwarding }) => name === 'all' && family === wanted && forwarding === true,
    );
  return { forwardsIpv4: has('inet'), forwardsIpv6: has('inet6') };
}
