import assert from 'node:assert/strict';
import type { Instance, InstanceSpec } from '../../../../src/api/generated/instance.ts';
import type { Network } from '../../../../src/api/generated/network.ts';
import type { Profile } from '../../../../src/api/generated/profile.ts';
import type { StoragePool } from '../../../../src/api/generated/storage-pool.ts';
import { resolveInstance, type InstanceWorld } from '../../../../src/hostagent/instance/resolve-instance.ts';

const head = { apiVersion: 'muster.dev/v1alpha1' };
const created = { members: [{ name: 'm1', state: 'Created' as const }] };
const pool: StoragePool = {
  ...head,
  kind: 'StoragePool',
  metadata: { name: 'default' },
  spec: { driver: 'dir' },
  status: created,
};
const network: Network = {
  ...head,
  kind: 'Network',
  metadata: { name: 'muster0' },
  spec: { type: 'bridge', bridge: { mtu: 1_400 } },
  status: created,
};
const profile: Profile = {
  ...head,
  kind: 'Profile',
  metadata: { name: 'default', namespace: 'default' },
  spec: {
    config: { 'environment.A': 'profile', 'user.note': 'x' },
    devices: {
      root: { type: 'disk', disk: { path: '/', pool: 'default' } },
      eth0: { type: 'nic', nic: { network: 'muster0' } },
    },
  },
};

function world(more: Partial<InstanceWorld> = {}): InstanceWorld {
  return {
    memberName: 'm1',
    getImage: () => undefined,
    getProfile: (name) => (name === 'default' ? profile : undefined),
    getPool: (name) => (name === 'default' ? pool : undefined),
    getNetwork: (name) => (name === 'muster0' ? network : undefined),
    ...more,
  };
}

function instance(spec: Partial<InstanceSpec> = {}): Instance {
  const metadata = { name: 'web', namespace: 'default', uid: 'u1' };
  return { ...head, kind: 'Instance', metadata, spec: { image: 'busybox', ...spec } };
}

describe('hostagent/instance/resolve-instance', () => {
  it('counts profiles in, and the instance’s own settings over them', () => {
    const eth0 = { type: 'nic', nic: { network: 'muster0', ipv4Address: '10.5.0.9' } } as const;
    const spec = {
      resources: { cpus: 2, memory: '64Mi' },
      config: { 'environment.A': 'own' },
      devices: { eth0 },
    };
    const resolution = resolveInstance(instance(spec), world());
    assert(resolution.kind === 'resolved');
    const { parts } = resolution;
    assert.deepEqual(parts.limits, { cpuCount: 2, memoryBytes: 67_108_864 });
    assert.deepEqual(parts.environment, { A: 'own' });
    const [nic] = parts.nics;
    assert.deepEqual([nic?.spec.name, nic?.spec.bridge, nic?.spec.mtu], ['eth0', 'muster0', 1_400]);
    assert.deepEqual([nic?.host.name, nic?.host.ipv4Address], ['web', '10.5.0.9']);
    assert.equal(nic?.spec.hwaddr, nic?.host.hwaddr);
  });

  const none = { type: 'none' } as const;
  const cases = [
    { name: 'a profile that is not there', spec: { profiles: ['default', 'gone'] }, want: 'ProfileNotFound' },
    { name: 'no root disk', spec: { devices: { root: none } }, want: 'NoRootDisk' },
    {
      name: 'a pool that this member does not have',
      world: { getPool: () => ({ ...pool, status: {} }) },
      want: 'PoolNotReady',
    },
    { name: 'a network that is not there', world: { getNetwork: () => undefined }, want: 'NetworkNotReady' },
  ];
  for (const { name, spec = {}, world: more = {}, want } of cases) {
    it(`names ${name}`, () => {
      const resolution = resolveInstance(instance(spec), world(more));
      assert.equal(resolution.kind === 'blocked' ? resolution.reason : 'resolved', want);
    });
  }

  it('wants no network where the instance leaves it out', () => {
    const resolution = resolveInstance(
      instance({ devices: { eth0: none } }),
      world({ getNetwork: () => undefined }),
    );
    assert.deepEqual(resolution.kind === 'resolved' ? resolution.parts.nics : undefined, []);
  });
});
