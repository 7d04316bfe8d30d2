import { isIPv6, SocketAddress } from 'node:net';

/** The one spelling that the host itself prints: IPv6 has many for the same address. */
export function canonicalIp(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}
