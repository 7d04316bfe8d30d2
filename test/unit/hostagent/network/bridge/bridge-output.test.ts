import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  parseFirewallDigest,
  parseForwarding,
  parseLink,
} from '../../../../../src/hostagent/network/bridge/bridge-output.ts';
import { parseHostAddresses } from '../../../../../src/hostagent/member/host-facts.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/${name}`, import.meta.url), 'utf8');
const links = fixture('iproute2-6.1/addr-show-details.json');
const uid = '6f1c2d3e-0000-4000-8000-000000000001';

describe('hostagent/network/bridge/bridge-output', () => {
  it('reads an interface of ours with its ports', () => {
    assert.deepEqual(parseLink(links, 'muster0', uid, '00:16:3e:aa:bb:cc'), {
      ownerUid: uid,
      hwaddr: '00:16:3e:aa:bb:cc',
      mtu: 1_500,
      isUp: true,
      addresses: ['10.99.1.1/24', 'fd42:1::1/64'],
      ports: ['mvabc'],
    });
  });

  it('tells who an interface belongs to', () => {
    const owners = ['foreign0', 'cutoff0', 'eth0'].map(
      (name) => parseLink(links, name, 'n9', '00:16:3e:01:02:03')?.ownerUid,
    );
    assert.deepEqual(owners, [undefined, 'n9', undefined]);
    assert.equal(parseLink(links, 'absent0', 'n9', ''), undefined);
  });

  it('reads the digest of the rules from a chain', () => {
    const chains = fixture('nftables-1.0.6/list-chains.json');
    assert.equal(parseFirewallDigest(chains, 'muster0'), '361e6cd704f78ad4');
    assert.equal(parseFirewallDigest(chains, 'muster1'), undefined);
  });

  it('reads what is forwarded', () => {
    assert.deepEqual(parseForwarding(fixture('iproute2-6.1/netconf-show.json')), {
      forwardsIpv4: true,
      forwardsIpv6: false,
    });
  });
});

describe('hostagent/member/host-facts', () => {
  it('leaves out loopback and the bridges of our own networks', () => {
    assert.deepEqual(parseHostAddresses(links), ['192.0.2.7']);
  });
});
