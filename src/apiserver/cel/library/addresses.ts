import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { CelEvaluationError } from '../cel-error.ts';
import { CelOpaque } from '../cel-value.ts';
import { type Overload, overload, scanCost } from '../overload.ts';

const scan = { cost: scanCost };

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

class IpAddress extends CelOpaque {
  readonly typeName = 'ip';
  readonly address: Parsed;

  constructor(address: Parsed) {
    super();
    this.address = address;
  }

  get text(): string {
    return formatAddress(this.address);
  }

  equals(other: CelOpaque): boolean {
    return other instanceof IpAddress && other.text === this.text;
  }
}

class Cidr extends CelOpaque {
  readonly typeName = 'cidr';
  readonly address: Parsed;
  readonly prefixLength: number;

  constructor(address: Parsed, prefixLength: number) {
    super();
    this.address = address;
    this.prefixLength = prefixLength;
  }

  get text(): string {
    return `${formatAddress(this.address)}/${this.prefixLength}`;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Cidr && other.text === this.text;
  }

  contains(address: Parsed): boolean {
    return address.kind() === this.address.kind() && address.match(this.address, this.prefixLength);
  }
}

const isRange = (address: Parsed, ...ranges: readonly string[]): boolean => ranges.includes(address.range());

export const addressOverloads: readonly Overload[] = [
  overload('ip(string): ip', (text: string) => new IpAddress(readAddress(text)), scan),
  overload('isIP(string): bool', (text: string) => parseAddress(text) !== undefined, scan),
  overload(
    'ip::isCanonical(string): bool',
    (text: string) => formatAddress(readAddress(text)) === text,
    scan,
  ),
  overload('string(ip): string', ({ text }: IpAddress) => text),
  overload('ip.family(): int', ({ address }: IpAddress) => (address.kind() === 'ipv4' ? 4n : 6n)),
  overload('ip.isUnspecified(): bool', ({ address }: IpAddress) => isRange(address, 'unspecified')),
  overload('ip.isLoopback(): bool', ({ address }: IpAddress) => isRange(address, 'loopback')),
  overload('ip.isLinkLocalMulticast(): bool', ({ text }: IpAddress) => /^(?:224\.0\.0\.|ff.2:)/u.test(text)),
  overload('ip.isLinkLocalUnicast(): bool', ({ address }: IpAddress) => isRange(address, 'linkLocal')),
  overload(
    'ip.isGlobalUnicast(): bool',
    ({ address }: IpAddress) =>
      !isRange(address, 'broadcast', 'linkLocal', 'loopback', 'multicast', 'unspecified'),
  ),
  overload('cidr(string): cidr', readCidr, scan),
  overload('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined, scan),
  overload('string(cidr): string', ({ text }: Cidr) => text),
  overload('cidr.containsIP(ip): bool', (cidr: Cidr, { address }: IpAddress) => cidr.contains(address)),
  overload(
    'cidr.containsIP(string): bool',
    (cidr: Cidr, text: string) => cidr.contains(readAddress(text)),
    scan,
  ),
  overload('cidr.containsCIDR(cidr): bool', containsCidr),
  overload(
    'cidr.containsCIDR(string): bool',
    (cidr: Cidr, text: string) => containsCidr(cidr, readCidr(text)),
    scan,
  ),
  overload('cidr.ip(): ip', ({ address }: Cidr) => new IpAddress(address)),
  overload(
    'cidr.masked(): cidr',
    ({ address, prefixLength }: Cidr) => new Cidr(mask(address, prefixLength), prefixLength),
  ),
  overload('cidr.prefixLength(): int', ({ prefixLength }: Cidr) => BigInt(prefixLength)),
];

function readAddress(text: string): Parsed {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new CelEvaluationError(
    `IP Address ${JSON.stringify(text)} parse error during conversion from string`,
  );
}

/** No zones, and no IPv4 in the dress of IPv6: both have led to rules that were got around. */
function parseAddress(text: string): Parsed | undefined {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? undefined : address;
}

function formatAddress(address: Parsed): string {
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();
}

function readCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  throw new CelEvaluationError(
    `network address parse error during conversion from string: invalid CIDR ${JSON.stringify(text)}`,
  );
}

function parseCidr(text: string): Cidr | undefined {
  const [, host = '', digits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/u.exec(text) ?? [];
  const address = parseAddress(host);
  if (address === undefined || Number(digits) > bitCount(address)) return undefined;
  return new Cidr(address, Number(digits));
}

function bitCount(address: Parsed): number {
  return address.kind() === 'ipv4' ? 32 : 128;
}

function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return inner.prefixLength >= outer.prefixLength && outer.contains(mask(inner.address, inner.prefixLength));
}

function mask(address: Parsed, prefixLength: number): Parsed {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.max(0, Math.min(8, prefixLength - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes);
}
