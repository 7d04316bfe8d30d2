import { BlockList, isIP } from 'node:net';
import type { HostLink } from './driver.ts';

/** The interface that would get the address: the one named, or the one that has another address of its subnet. */
export function chooseLink(
  address: string,
  wanted: string | undefined,
  links: readonly HostLink[],
): { readonly link: string } | { readonly problem: string } {
  if (wanted !== undefined) {
    const isThere = links.some(({ name }) => name === wanted);
    return isThere ? { link: wanted } : { problem: `this host has no interface ${wanted}` };
  }
  const found = links.find(({ addresses }) => addresses.some((own) => isInSubnet(address, own)));
  if (found !== undefined) return { link: found.name };
  return { problem: `no interface of this host has an address in the subnet of ${address}` };
}

function isInSubnet(address: string, own: HostLink['addresses'][number]): boolean {
  const family = isIP(address);
  // A single address has no neighbours, and is what the virtual address itself looks like.
  if (family !== isIP(own.address) || own.prefixLength >= (family === 6 ? 128 : 32)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const subnet = new BlockList();
  subnet.addSubnet(own.address, own.prefixLength, type);
  return subnet.check(address, type);
}
