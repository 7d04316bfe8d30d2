import assert from 'node:assert/strict';
import type { NetworkSpec } from '../../../../../src/hostagent/network/driver.ts';
import {
  buildDnsmasqConfig,
  buildHostLine,
} from '../../../../../src/hostagent/network/bridge/dnsmasq-config.ts';
import { renderBridge } from '../../../../../src/hostagent/network/bridge/render-bridge.ts';

const spec: NetworkSpec = {
  name: 'muster0',
  uid: 'n1',
  interface: 'muster0',
  hwaddr: '00:16:3e:00:00:01',
  mtu: 1_500,
  ipv4: { address: '10.5.0.1/24', hasNat: true, hasDhcp: true, dhcpRanges: [], dhcpExpirySeconds: 3_600 },
  dns: { domain: 'muster', mode: 'managed' },
  externalInterfaces: ['eth1'],
};
const { ipv4, ...withoutIpv4 } = spec;
assert(ipv4 !== undefined);
const linesOf = (of: NetworkSpec): readonly string[] => buildDnsmasqConfig(of, '/d')?.split('\n') ?? [];

describe('hostagent/network/bridge dnsmasq-config', () => {
  it('serves the whole subnet', () => {
    assert.equal(
      buildDnsmasqConfig(spec, '/data/networks/muster0'),
      `interface=muster0
except-interface=lo
bind-interfaces
pid-file=/data/networks/muster0/dnsmasq.pid
dhcp-leasefile=/data/networks/muster0/dnsmasq.leases
dhcp-hostsdir=/data/networks/muster0/hosts
no-hosts
no-ping
dhcp-authoritative
dhcp-rapid-commit
quiet-dhcp
quiet-dhcp6
quiet-ra
domain=muster
local=/muster/
bogus-priv
dhcp-ignore-names
dhcp-range=10.5.0.1,10.5.0.254,255.255.255.0,3600
`,
    );
  });

  const cases: readonly {
    readonly name: string;
    readonly spec: NetworkSpec;
    readonly has: string;
    readonly hasNot?: string;
  }[] = [
    {
      name: 'keeps to the ranges that are given',
      spec: { ...spec, ipv4: { ...ipv4, address: '10.4.0.1/22', dhcpRanges: ['10.4.1.10-10.4.1.20'] } },
      has: 'dhcp-range=10.4.1.10,10.4.1.20,255.255.252.0,3600',
    },
    {
      name: 'lends nothing where DHCP is off',
      spec: { ...spec, ipv4: { ...ipv4, hasDhcp: false } },
      has: 'domain=muster',
      hasNot: 'dhcp-range=10.5.0.1,10.5.0.254,255.255.255.0,3600',
    },
    {
      name: 'takes the names that instances tell where they may',
      spec: { ...spec, dns: { domain: 'lab', mode: 'dynamic' } },
      has: 'local=/lab/',
      hasNot: 'dhcp-ignore-names',
    },
    {
      name: 'announces IPv6',
      spec: { ...withoutIpv4, ipv6: { address: 'fd42:5::1/64', hasNat: true, hasDhcp: true } },
      has: 'enable-ra',
    },
    {
      name: 'tells a packet size that is not usual',
      spec: { ...spec, mtu: 1_400 },
      has: 'dhcp-option=option:mtu,1400',
    },
  ];
  for (const { name, spec: other, has, hasNot } of cases) {
    it(name, () => {
      const lines = linesOf(other);
      assert(lines.includes(has), lines.join('\n'));
      assert(hasNot === undefined || !lines.includes(hasNot), lines.join('\n'));
    });
  }

  it('is not there without an address', () => {
    assert.equal(buildDnsmasqConfig(withoutIpv4, '/d'), undefined);
  });

  it('names an interface of an instance', () => {
    assert.deepEqual(
      [
        buildHostLine({ id: 'mv1', hwaddr: '00:16:3e:00:00:02', name: 'web' }),
        buildHostLine({
          id: 'mv1',
          hwaddr: '00:16:3e:00:00:02',
          name: 'web',
          ipv4Address: '10.5.0.9',
          ipv6Address: 'fd42::9',
        }),
      ],
      ['00:16:3e:00:00:02,web\n', '00:16:3e:00:00:02,10.5.0.9,[fd42::9],web\n'],
    );
  });
});

describe('hostagent/network/bridge/render-bridge', () => {
  it('puts the digest of the rules into the rules', () => {
    const { firewall } = renderBridge(spec, '/d');
    assert(firewall.text.includes(`chain rules_${firewall.digest} {`));
    assert(firewall.text.startsWith('table inet muster.muster0\ndelete table inet muster.muster0\n'));
    assert(firewall.text.includes('ip saddr 10.5.0.1/24 ip daddr != 10.5.0.1/24 masquerade'));
  });

  it('translates nothing where it is off', () => {
    const { firewall } = renderBridge({ ...spec, ipv4: { ...ipv4, hasNat: false } }, '/d');
    assert(!firewall.text.includes('masquerade'));
    assert.notEqual(firewall.digest, renderBridge(spec, '/d').firewall.digest);
  });

  it('wants the addresses and the ports on the interface', () => {
    assert.deepEqual(renderBridge(spec, '/d').link, {
      hwaddr: '00:16:3e:00:00:01',
      mtu: 1_500,
      addresses: ['10.5.0.1/24'],
      ports: ['eth1'],
    });
  });
});
