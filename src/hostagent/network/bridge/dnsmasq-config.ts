import ipaddr from 'ipaddr.js';
import type { Ipv4Spec, NetworkHost, NetworkSpec } from '../driver.ts';

export const leasesFile = 'dnsmasq.leases';
export const pidFile = 'dnsmasq.pid';
export const hostsFolder = 'hosts';

/** Undefined when there is no address to serve. Every line is ours: nothing of the host's own set-up is read. */
export function buildDnsmasqConfig(spec: NetworkSpec, directory: string): string | undefined {
  const { ipv4, ipv6, dns } = spec;
  if (ipv4 === undefined && ipv6 === undefined) return undefined;
  const lines = [
    `interface=${spec.interface}`,
    'except-interface=lo',
    'bind-interfaces',
    `pid-file=${directory}/${pidFile}`,
    `dhcp-leasefile=${directory}/${leasesFile}`,
    `dhcp-hostsdir=${directory}/${hostsFolder}`,
    'no-hosts',
    'no-ping', // the only server of this subnet knows what it has lent; asking costs three seconds a lease
    'dhcp-authoritative',
    'dhcp-rapid-commit',
    'quiet-dhcp',
    'quiet-dhcp6',
    'quiet-ra',
    `domain=${dns.domain}`,
    `local=/${dns.domain}/`,
    'bogus-priv',
    ...(dns.mode === 'dynamic' ? [] : ['dhcp-ignore-names']),
    ...(ipv4?.hasDhcp === true ? dhcpRanges(ipv4) : []),
    ...(ipv6?.hasDhcp === true
      ? ['enable-ra', `dhcp-range=::,constructor:${spec.interface},ra-stateless,ra-names,3600`]
      : []),
    ...(spec.mtu === 1_500 ? [] : [`dhcp-option=option:mtu,${spec.mtu}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function dhcpRanges({ address, dhcpRanges, dhcpExpirySeconds }: Ipv4Spec): readonly string[] {
  const ranges = dhcpRanges.length > 0 ? dhcpRanges : [wholeSubnet(address)];
  const mask = maskOf(address);
  return ranges.map((range) => `dhcp-range=${range.replace('-', ',')},${mask},${dhcpExpirySeconds}`);
}

/** Without the first and the last address; dnsmasq itself leaves out the one it listens on. */
function wholeSubnet(cidr: string): string {
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const value = address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(value / size) * size;
  return `${formatIpv4(first + 1)}-${formatIpv4(first + size - 2)}`;
}

function maskOf(cidr: string): string {
  const [, bits] = ipaddr.IPv4.parseCIDR(cidr);
  return ipaddr.IPv4.subnetMaskFromPrefixLength(bits).toString();
}

function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** One file in `hosts/`; dnsmasq notices new files by itself. */
export function buildHostLine({ hwaddr, name, ipv4Address, ipv6Address }: NetworkHost): string {
  const ipv6 = ipv6Address === undefined ? undefined : `[${ipv6Address}]`;
  return `${[hwaddr, ipv4Address, ipv6, name].filter((part) => part !== undefined).join(',')}\n`;
}
