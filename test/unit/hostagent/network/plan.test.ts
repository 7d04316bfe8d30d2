import assert from 'node:assert/strict';
import type {
  LinkObservation,
  NetworkObservation,
  RenderedNetwork,
} from '../../../../src/hostagent/network/driver.ts';
import { planHosts, planNetwork, planNetworkRemoval } from '../../../../src/hostagent/network/plan.ts';

const uid = 'n1';
const wanted: RenderedNetwork = {
  link: { hwaddr: '00:16:3e:00:00:01', mtu: 1_500, addresses: ['10.0.0.1/24'], ports: [] },
  firewall: { text: 'table', digest: 'f1' },
  service: { text: 'conf', digest: 's1' },
  forwardsIpv4: true,
  forwardsIpv6: false,
};
const link: LinkObservation = { ...wanted.link, ownerUid: uid, isUp: true };
const complete: NetworkObservation = {
  link,
  firewallDigest: 'f1',
  serviceDigest: 's1',
  forwardsIpv4: true,
  forwardsIpv6: false,
  hostIds: [],
};
const empty: NetworkObservation = { forwardsIpv4: false, forwardsIpv6: false, hostIds: [] };

describe('hostagent/network/plan', () => {
  const cases: readonly {
    readonly name: string;
    readonly wanted?: RenderedNetwork;
    readonly observed: NetworkObservation;
    readonly want: readonly string[];
  }[] = [
    {
      name: 'makes all of it',
      observed: empty,
      want: ['createLink', 'applyFirewall', 'enableForwarding', 'startService'],
    },
    { name: 'has nothing to do twice', observed: complete, want: [] },
    {
      name: 'mends the interface',
      observed: { ...complete, link: { ...link, isUp: false } },
      want: ['configureLink'],
    },
    {
      name: 'adopts an interface that is not ours only to be refused by the driver',
      observed: { ...complete, link: { ...wanted.link, isUp: true } },
      want: ['configureLink'],
    },
    {
      name: 'leaves ports of instances alone',
      observed: { ...complete, link: { ...link, ports: ['mv1'] } },
      want: [],
    },
    {
      name: 'replaces rules that differ',
      observed: { ...complete, firewallDigest: 'f0' },
      want: ['applyFirewall'],
    },
    {
      name: 'restarts a service that differs',
      observed: { ...complete, serviceDigest: 's0' },
      want: ['startService'],
    },
    {
      name: 'stops a service that is not wanted',
      wanted: { link: wanted.link, firewall: wanted.firewall, forwardsIpv4: true, forwardsIpv6: false },
      observed: complete,
      want: ['stopService'],
    },
    {
      name: 'restarts the service with its interface',
      observed: {
        firewallDigest: 'f1',
        serviceDigest: 's1',
        forwardsIpv4: true,
        forwardsIpv6: false,
        hostIds: [],
      },
      want: ['createLink', 'startService'],
    },
    {
      name: 'removes an earlier network of the same name first',
      observed: { ...complete, link: { ...link, ownerUid: 'n0' } },
      want: ['deleteNetwork'],
    },
  ];
  for (const { name, wanted: rendered = wanted, observed, want } of cases) {
    it(name, () => {
      assert.deepEqual(
        planNetwork(rendered, observed, uid).map(({ action }) => action),
        want,
      );
    });
  }

  it('names the addresses that go', () => {
    const observed = { ...complete, link: { ...link, addresses: ['10.0.0.1/24', '10.9.9.1/24'] } };
    assert.deepEqual(planNetwork(wanted, observed, uid), [
      { action: 'configureLink', link: wanted.link, staleAddresses: ['10.9.9.1/24'] },
    ]);
  });

  it('removes only what is ours', () => {
    const actions = [complete, empty, { ...complete, link: { ...link, ownerUid: 'other' } }].map((observed) =>
      planNetworkRemoval(observed, uid).map(({ action }) => action),
    );
    assert.deepEqual(actions, [['deleteNetwork'], [], []]);
  });

  it('forgets hosts that are gone and tells all that are there', () => {
    const host = { id: 'mv2', hwaddr: '00:16:3e:00:00:02' };
    assert.deepEqual(planHosts([host], { hostIds: ['mv1', 'mv2'] }), [
      { action: 'removeHost', id: 'mv1' },
      { action: 'putHost', host },
    ]);
  });
});
