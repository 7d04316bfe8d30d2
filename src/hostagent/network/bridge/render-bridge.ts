import { createHash } from 'node:crypto';
import type { NetworkSpec, RenderedNetwork, RenderedText } from '../driver.ts';
import { buildDnsmasqConfig } from './dnsmasq-config.ts';
import { buildFirewall } from './firewall.ts';

export function renderBridge(spec: NetworkSpec, directory: string): RenderedNetwork {
  const { ipv4, ipv6 } = spec;
  const addresses = [ipv4?.address, ipv6?.address].filter((address) => address !== undefined);
  const service = buildDnsmasqConfig(spec, directory);
  const digest = digestOf(buildFirewall(spec, ''));
  return {
    link: { hwaddr: spec.hwaddr, mtu: spec.mtu, addresses, ports: spec.externalInterfaces },
    firewall: { text: buildFirewall(spec, digest), digest },
    ...(service === undefined ? {} : { service: toRendered(service) }),
    forwardsIpv4: ipv4 !== undefined,
    forwardsIpv6: ipv6 !== undefined,
  };
}

function toRendered(text: string): RenderedText {
  return { text, digest: digestOf(text) };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
