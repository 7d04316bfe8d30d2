import assert from 'node:assert/strict';
import type { Network } from '../../../../src/api/generated/network.ts';
import { allocation } from '../../../../src/reconcilers/network/allocation.ts';
import { chooseIpv4Subnet } from '../../../../src/reconcilers/network/choose-subnet.ts';
import { buildNetwork, runStep } from '../../../support/build-objects.ts';

const first = chooseIpv4Subnet('network/lan', []) ?? '';

function allocate(
  network: ReturnType<typeof buildNetwork>,
  others: readonly Network[] = [],
  foreign: string[] = [],
): Promise<string> {
  const deps = { listNetworks: () => [network, ...others], listForeignSubnets: () => foreign };
  return runStep(allocation, network, deps);
}

describe('reconcilers/network/allocation', () => {
  it('chooses an IPv4 subnet and no IPv6 unless told otherwise', async () => {
    const network = buildNetwork('lan');
    assert.equal(await allocate(network), `settled: ${first}`);
    assert.deepEqual(network.status, { ipv4Address: first, ipv6Address: undefined });
  });

  it('keeps what it chose, also when another network says the same', async () => {
    const network = buildNetwork('lan', { status: { ipv4Address: '10.1.2.1/24' } });
    assert.equal(
      await allocate(network, [buildNetwork('dmz', { spec: { ipv4: { address: '10.1.2.1/24' } } })]),
      'settled: 10.1.2.1/24',
    );
  });

  it('avoids what other networks have or ask for, and where the members live', async () => {
    const chosen = [
      buildNetwork('dmz', { status: { ipv4Address: first } }),
      buildNetwork('dmz', { spec: { ipv4: { address: first } } }),
    ];
    for (const other of chosen) {
      const network = buildNetwork('lan');
      await allocate(network, [other]);
      assert.notEqual(network.status.ipv4Address, first);
    }
    const network = buildNetwork('lan');
    await allocate(network, [], [first]);
    assert.notEqual(network.status.ipv4Address, first);
  });

  it('takes addresses as they are given, and follows them', async () => {
    const network = buildNetwork('lan', {
      spec: { ipv4: { address: '192.168.7.1/24' }, ipv6: { address: 'fd00:7::1/64' } },
      status: { ipv4Address: '10.1.2.1/24' },
    });
    assert.equal(await allocate(network), 'settled: 192.168.7.1/24, fd00:7::1/64');
  });

  it('has no address when none is wanted', async () => {
    const network = buildNetwork('lan', {
      spec: { ipv4: { address: 'none' } },
      status: { ipv4Address: '10.1.2.1/24' },
    });
    assert.equal(await allocate(network), 'settled');
    assert.equal(network.status.ipv4Address, undefined);
  });

  it('says when nothing is free', async () => {
    const want = 'blocked: NoFreeSubnet: no subnet of 10.0.0.0/8 is free; name one in spec.ipv4.address';
    assert.equal(await allocate(buildNetwork('lan'), [], ['10.0.0.0/8']), want);
  });
});
