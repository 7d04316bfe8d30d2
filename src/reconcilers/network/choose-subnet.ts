import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

const prefixBits = 24;
const subnetCount = 2 ** 16;

/**
 * The gateway of a free `10.x.y.0/24`, in CIDR form. The search starts at a place that the seed alone decides,
 * so that a network gets its subnet back when it is made again. Undefined when all 65,536 are taken.
 */
export function chooseIpv4Subnet(seed: string, taken: readonly string[]): string | undefined {
  const start = createHash('sha256').update(seed).digest().readUInt16BE(0);
  const ranges = taken.flatMap(parseIpv4Range);
  for (let step = 0; step < subnetCount; step += 1) {
    const index = (start + step) % subnetCount;
    const first = 10 * 2 ** 24 + index * 2 ** (32 - prefixBits);
    const last = first + 2 ** (32 - prefixBits) - 1;
    if (ranges.every((range) => range.last < first || range.first > last)) {
      return `10.${index >> 8}.${index & 255}.1/${prefixBits}`;
    }
  }
  return undefined;
}

/** The gateway of a unique local `/64`; its 48 bits of the seed make a search for a free one pointless. */
export function chooseIpv6Subnet(seed: string): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  return `fd42:${digest.slice(0, 4)}:${digest.slice(4, 8)}:${digest.slice(8, 12)}::1/64`;
}

interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

function parseIpv4Range(cidr: string): readonly Ipv4Range[] {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return [];
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const value = address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(value / size) * size;
  return [{ first, last: first + size - 1 }];
}
