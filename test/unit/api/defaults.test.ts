import assert from 'node:assert/strict';

import {
  clusterSettings,
  instanceProfiles,
  memberSettings,
  networkSettings,
  wantsRunning,
} from '../../../src/api/defaults.ts';
import type { NetworkSpec } from '../../../src/api/generated/network.ts';
import { musterApiVersion } from '../../../src/api/meta.ts';

const clusterDefaults = {
  maxVoters: 3,
  maxStandby: 2,
  offlineThresholdSeconds: 20,
  healingThresholdSeconds: 0,
  imagesMinimalReplica: 3,
  joinTokenExpiry: '3H',
};

describe('api/defaults', () => {
  for (const { name, spec, want } of [
    { name: 'before the object exists', spec: undefined, want: {} },
    { name: 'where nothing is set', spec: {}, want: {} },
    {
      name: 'around what is set, zero and empty included',
      spec: { maxStandby: 0, joinTokenExpiry: '', imagesMinimalReplica: -1 },
      want: { maxStandby: 0, joinTokenExpiry: '', imagesMinimalReplica: -1 },
    },
  ]) {
    it(`gives the cluster's settings ${name}`, () => {
      const cluster = spec && {
        apiVersion: musterApiVersion,
        kind: 'Cluster',
        metadata: { name: 'cluster' },
        spec,
      };
      assert.deepEqual(clusterSettings(cluster), { ...clusterDefaults, ...want });
    });
  }

  it("gives a member's settings", () => {
    const want = {
      failureDomain: 'default',
      roles: [],
      groups: ['default'],
      scheduling: 'all',
      evacuated: false,
    };
    assert.deepEqual(memberSettings({ address: '192.0.2.1:8443' }), want);
  });

  it('tells an empty list of profiles from none', () => {
    assert.deepEqual([instanceProfiles({}), instanceProfiles({ profiles: [] })], [['default'], []]);
  });

  it('runs what does not say otherwise', () => {
    assert.deepEqual([wantsRunning({}), wantsRunning({ running: false })], [true, false]);
  });

  it("gives a network's settings around what is set", () => {
    const settings = networkSettings(buildNetwork({ type: 'bridge', ipv4: { nat: false } }));
    assert.deepEqual(settings, {
      bridge: { driver: 'native', mode: 'standard', mtu: 1_500, hwaddr: undefined },
      ipv4: { address: 'auto', nat: false, dhcp: true, dhcpRanges: [], dhcpExpirySeconds: 3_600 },
      ipv6: { address: 'none', nat: undefined, dhcp: true },
      dns: { domain: 'muster', mode: 'managed' },
    });
  });
});

function buildNetwork(spec: NetworkSpec) {
  return { apiVersion: musterApiVersion, kind: 'Network', metadata: { name: 'musterbr0' }, spec };
}
