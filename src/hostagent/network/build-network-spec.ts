import { networkSettings } from '../../api/defaults.ts';
import type { Network } from '../../api/generated/network.ts';
import type { NetworkSpec } from './driver.ts';
import { networkHwaddr, networkInterfaceName } from './names.ts';

/** A network as this member's driver needs it: settings, the addresses that were chosen, the member's own part. */
export function buildNetworkSpec(network: Network, memberName: string): NetworkSpec {
  const { name, uid = '' } = network.metadata;
  const { bridge, ipv4, ipv6, dns } = networkSettings(network);
  const { ipv4Address, ipv6Address } = network.status ?? {};
  const part = network.spec.members?.find((member) => member.name === memberName);
  return {
    name,
    uid,
    interface: networkInterfaceName(name),
    hwaddr: bridge.hwaddr ?? networkHwaddr(uid),
    mtu: bridge.mtu,
    dns,
    externalInterfaces: part?.externalInterfaces ?? [],
    ...(ipv4Address === undefined
      ? {}
      : {
          ipv4: {
            address: ipv4Address,
            hasNat: ipv4.nat,
            hasDhcp: ipv4.dhcp,
            dhcpRanges: ipv4.dhcpRanges,
            dhcpExpirySeconds: ipv4.dhcpExpirySeconds,
          },
        }),
    ...(ipv6Address === undefined
      ? {}
      : {
          ipv6: {
            address: ipv6Address,
            // Addresses of fc00::/7 lead nowhere outside.
            hasNat: ipv6.nat ?? /^f[cd]/i.test(ipv6Address),
            hasDhcp: ipv6.dhcp,
          },
        }),
  };
}
