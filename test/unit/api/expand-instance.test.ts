import assert from 'node:assert/strict';

import { expandInstance } from '../../../src/api/expand-instance.ts';
import type { Instance, InstanceSpec } from '../../../src/api/generated/instance.ts';
import type { Profile, ProfileSpec } from '../../../src/api/generated/profile.ts';
import { musterApiVersion } from '../../../src/api/meta.ts';

const rootDisk = { type: 'disk', disk: { path: '/', pool: 'local' } } as const;
const fastDisk = { type: 'disk', disk: { path: '/', pool: 'fast' } } as const;
const nic = { type: 'nic', nic: { network: 'musterbr0' } } as const;

const profiles: Record<string, ProfileSpec> = {
  default: { devices: { root: rootDisk, eth0: nic } },
  small: { resources: { cpus: 1, memory: '256MiB' }, config: { 'user.size': 'small', 'user.tier': 'web' } },
  large: { resources: { cpus: 8 }, config: { 'user.size': 'large' }, devices: { root: fastDisk } },
};

describe('api/expand-instance', () => {
  const cases: {
    name: string;
    spec: Partial<InstanceSpec>;
    want: { resources?: object; config?: object; devices?: object };
  }[] = [
    {
      name: 'builds on the profile "default" when none is named',
      spec: {},
      want: { devices: { root: rootDisk, eth0: nic } },
    },
    { name: 'builds on nothing when the list is empty', spec: { profiles: [] }, want: {} },
    {
      name: 'lets a later profile win, key by key',
      spec: { profiles: ['small', 'large'] },
      want: {
        resources: { cpus: 8, memory: '256MiB' },
        config: { 'user.size': 'large', 'user.tier': 'web' },
        devices: { root: fastDisk },
      },
    },
    {
      name: 'follows the order in which the instance names them',
      spec: { profiles: ['large', 'small'] },
      want: {
        resources: { cpus: 1, memory: '256MiB' },
        config: { 'user.size': 'small', 'user.tier': 'web' },
        devices: { root: fastDisk },
      },
    },
    {
      name: 'lets the instance win over all profiles',
      spec: {
        profiles: ['default', 'small'],
        resources: { memory: '1Gi' },
        config: { 'user.tier': 'db' },
        devices: { root: fastDisk },
      },
      want: {
        resources: { cpus: 1, memory: '1Gi' },
        config: { 'user.size': 'small', 'user.tier': 'db' },
        devices: { root: fastDisk, eth0: nic },
      },
    },
    {
      name: 'replaces a device as a whole',
      spec: { devices: { eth0: { type: 'nic', nic: { network: 'other', mtu: 1_400 } } } },
      want: {
        devices: { root: rootDisk, eth0: { type: 'nic', nic: { network: 'other', mtu: 1_400 } } },
      },
    },
    {
      name: 'leaves out a device that is masked',
      spec: { devices: { eth0: { type: 'none' } } },
      want: { devices: { root: rootDisk } },
    },
    {
      name: 'takes undefined as left out',
      spec: { profiles: ['small'], resources: { cpus: undefined } },
      want: {
        resources: { cpus: 1, memory: '256MiB' },
        config: { 'user.size': 'small', 'user.tier': 'web' },
      },
    },
  ];
  for (const { name, spec, want } of cases) {
    it(name, () => {
      const expansion = expandInstance(buildInstance(spec), getProfile);
      assert.equal(expansion.kind, 'expanded');
      const { resources, config, devices } = expansion.instance;
      assert.deepEqual(
        { resources, config, devices: Object.fromEntries(devices) },
        { resources: {}, config: {}, devices: {}, ...want },
      );
    });
  }

  it('names every profile that is missing', () => {
    const instance = buildInstance({ profiles: ['default', 'huge', 'gpu'] });
    assert.deepEqual(expandInstance(instance, getProfile), { kind: 'missing', profiles: ['huge', 'gpu'] });
  });

  it('leaves instance and profiles as they were', () => {
    const instance = buildInstance({ profiles: ['default', 'large'], config: { 'user.a': 'b' } });
    const before = structuredClone([instance, profiles]);
    expandInstance(instance, getProfile);
    assert.deepEqual([instance, profiles], before);
  });
});

function buildInstance(spec: Partial<InstanceSpec>): Instance {
  return {
    apiVersion: musterApiVersion,
    kind: 'Instance',
    metadata: { name: 'web' },
    spec: { image: 'busybox', ...spec },
  };
}

function getProfile(name: string): Profile | undefined {
  const spec = profiles[name];
  return spec && { apiVersion: musterApiVersion, kind: 'Profile', metadata: { name }, spec };
}
