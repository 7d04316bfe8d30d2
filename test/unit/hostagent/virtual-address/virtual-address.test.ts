import assert from 'node:assert/strict';
import { chooseLink } from '../../../../src/hostagent/virtual-address/choose-link.ts';
import { renderKeepalived } from '../../../../src/hostagent/virtual-address/keepalived-config.ts';
import { parseLinks } from '../../../../src/hostagent/virtual-address/keepalived-driver.ts';

const links = [
  { name: 'lo', addresses: [{ address: '127.0.0.1', prefixLength: 8 }] },
  { name: 'eth0', addresses: [{ address: '10.0.0.5', prefixLength: 24 }] },
  {
    name: 'eth1',
    addresses: [
      { address: '192.0.2.10', prefixLength: 25 },
      { address: '192.0.2.200', prefixLength: 32 },
      { address: '2001:db8:1::5', prefixLength: 64 },
    ],
  },
];

describe('virtual address: the interface', () => {
  const cases: readonly [string, string | undefined, string | RegExp][] = [
    ['10.0.0.100', undefined, 'eth0'],
    ['192.0.2.100', undefined, 'eth1'],
    ['2001:db8:1::100', undefined, 'eth1'],
    ['192.0.2.100', 'eth0', 'eth0'],
    ['192.0.2.201', undefined, /no interface of this host has an address in the subnet of 192\.0\.2\.201/],
    ['198.51.100.1', undefined, /no interface of this host has an address in the subnet/],
    ['10.0.0.100', 'eth7', /this host has no interface eth7/],
  ];
  for (const [address, wanted, expected] of cases) {
    it(`of ${address}${wanted === undefined ? '' : ` where ${wanted} is wanted`}`, () => {
      const choice = chooseLink(address, wanted, links);
      if (typeof expected === 'string') assert.deepEqual(choice, { link: expected });
      else assert.match('problem' in choice ? choice.problem : '', expected);
    });
  }

  it('is read from what ip prints', () => {
    const text =
      '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.5","prefixlen":24},{}]},{"ifname":"eth1"},{}]';
    assert.deepEqual(parseLinks(text), [
      { name: 'eth0', addresses: [{ address: '10.0.0.5', prefixLength: 24 }] },
      { name: 'eth1', addresses: [] },
    ]);
  });
});

describe('virtual address: keepalived', () => {
  const spec = { address: '10.0.0.100', interface: 'eth0', routerId: 51, memberName: 'n1' };

  it('gets the address, the interface and the check', () => {
    const { text, checkScript } = renderKeepalived(spec, '/var/lib/muster/virtual-address');
    assert.match(text, /virtual_router_id 51\n/);
    assert.match(text, /10\.0\.0\.100\/32 dev eth0\n/);
    assert.match(text, /script "\/var\/lib\/muster\/virtual-address\/check"\n/);
    assert.match(checkScript, /"\/var\/lib\/muster\/virtual-address\/ready" -newermt '3 seconds ago'/);
  });

  it('takes IPv6, and is another definition with every change', () => {
    const six = renderKeepalived({ ...spec, address: '2001:db8::1' }, '/d');
    assert.match(six.text, /2001:db8::1\/128 dev eth0/);
    const digests = [spec, { ...spec, routerId: 52 }, { ...spec, interface: 'eth1' }].map(
      (one) => renderKeepalived(one, '/d').digest,
    );
    assert.equal(new Set(digests).size, 3);
    assert.equal(renderKeepalived(spec, '/d').digest, digests[0]);
  });
});
