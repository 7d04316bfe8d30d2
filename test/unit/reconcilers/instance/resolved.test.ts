import assert from 'node:assert/strict';
import type { Image } from '../../../../src/api/generated/image.ts';
import type { InstanceDevice, InstanceSpec } from '../../../../src/api/generated/instance.ts';
import type { Profile } from '../../../../src/api/generated/profile.ts';
import type { KubernetesObject } from '../../../../src/api/meta.ts';
import { resolved, type Lookup } from '../../../../src/reconcilers/instance/resolved.ts';
import {
  buildCondition,
  buildImage,
  buildInstance,
  buildMember,
  buildNetwork,
  buildPool,
  buildProfile,
  runStep,
} from '../../../support/build-objects.ts';

const root: InstanceDevice = { type: 'disk', disk: { path: '/', pool: 'local' } };
const nic: InstanceDevice = { type: 'nic', nic: { network: 'lan' } };
const deletionTimestamp = '2026-01-01T00:00:00Z';
const busybox = buildImage('busybox', { status: { members: [{ name: 'a', state: 'Ready' }] } });
const nowhere = buildImage('busybox');
const defaultProfile = buildProfile('default', { spec: { devices: { root, eth0: nic } } });

function lookup<T extends KubernetesObject>(...objects: readonly T[]): Lookup<T> {
  return {
    get: (name) => objects.find(({ metadata }) => metadata.name === name),
    listNames: () => objects.map(({ metadata }) => metadata.name),
  };
}

interface Case {
  readonly name: string;
  readonly spec?: Partial<InstanceSpec>;
  readonly placed?: boolean;
  readonly image?: Image;
  readonly profiles?: readonly Profile[];
  readonly pools?: readonly KubernetesObject[];
  /** Undefined when everything is there. */
  readonly want?: string;
}

describe('reconcilers/instance/resolved', () => {
  const cases: readonly Case[] = [
    { name: 'settles when everything is there' },
    {
      name: 'names the profiles that there are',
      spec: { profiles: ['default', 'web'] },
      want: 'ProfileNotFound: profile "web" does not exist; there is: default',
    },
    { name: 'needs no profile for an empty list', spec: { profiles: [], devices: { root } }, profiles: [] },
    {
      name: 'does not build on a profile that is being deleted',
      profiles: [buildProfile('default', { deletionTimestamp })],
      want: 'ProfileDeleting: profile "default" is being deleted',
    },
    {
      name: 'names an image that does not exist',
      spec: { image: 'nope' },
      want: 'ImageNotFound: image "nope" does not exist; there is: busybox',
    },
    {
      name: 'refuses an image of another type',
      image: buildImage('busybox', { spec: { type: 'virtual-machine' } }),
      want: 'ImageTypeMismatch: image "busybox" is for a virtual-machine, the instance is a container',
    },
    {
      name: 'waits for an image that nobody has',
      image: nowhere,
      want: 'ImageNotReady: image "busybox" is not ready: it has not been imported yet',
    },
    {
      name: 'passes on why the image is not there',
      image: buildImage('busybox', {
        status: {
          conditions: [
            buildCondition('InUse', { status: 'False', message: 'nothing refers to it' }),
            buildCondition('Imported', { status: 'False', message: 'no such file' }),
          ],
        },
      }),
      want: 'ImageNotReady: image "busybox" is not ready: no such file',
    },
    { name: 'needs no copy of the image once it is placed', placed: true, image: nowhere },
    {
      name: 'names config keys that nobody would act on',
      spec: { config: { 'limits.cpu': '2', 'user.note': 'x', 'raw.lxc': 'x' } },
      want:
        'ConfigNotServed: the config key "limits.cpu" is the field spec.resources.cpus here; the config key ' +
        '"raw.lxc" is not served by this release; keys begin with "environment." or "user."',
    },
    {
      name: 'names config keys of its profiles as well',
      profiles: [buildProfile('default', { spec: { devices: { root }, config: { 'environment.1A': 'x' } } })],
      want:
        'ConfigNotServed: the config key "environment.1A" names no environment variable: letters, digits ' +
        'and underscores, no digit first',
    },
    {
      name: 'needs a root disk',
      profiles: [buildProfile('default')],
      want: 'NoRootDisk: no disk has the path "/": add one to the instance or to one of its profiles',
    },
    {
      name: 'has no root disk when the instance masks that of its profile',
      spec: { devices: { root: { type: 'none' } } },
      want: 'NoRootDisk: no disk has the path "/": add one to the instance or to one of its profiles',
    },
    {
      name: 'needs a pool for the root disk',
      spec: { devices: { root: { type: 'disk', disk: { path: '/' } } } },
      want: 'NoRootDisk: the disk with the path "/" names no storage pool',
    },
    {
      name: 'names a pool that does not exist',
      pools: [],
      want: 'StoragePoolNotFound: storage pool "local" does not exist; there is none',
    },
    {
      name: 'does not use a pool that is being deleted',
      pools: [buildPool('local', { deletionTimestamp })],
      want: 'StoragePoolDeleting: storage pool "local" is being deleted',
    },
    {
      name: 'names a network that does not exist',
      spec: { devices: { eth0: { type: 'nic', nic: { network: 'wan' } } } },
      want: 'NetworkNotFound: network "wan" does not exist; there is: lan',
    },
    {
      name: 'needs no network that only a masked device of a profile has',
      spec: { devices: { eth0: { type: 'none' } } },
      profiles: [
        buildProfile('default', {
          spec: { devices: { root, eth0: { type: 'nic', nic: { network: 'wan' } } } },
        }),
      ],
    },
    {
      name: 'names a member that does not exist',
      spec: { placement: { member: 'z' } },
      want: 'MemberNotFound: member "z" does not exist; there is: a',
    },
    {
      name: 'names a cluster group that does not exist',
      spec: { placement: { clusterGroup: 'gpu' } },
      want: 'ClusterGroupNotFound: cluster group "gpu" does not exist; there is none',
    },
    {
      name: 'names a placement group that does not exist',
      spec: { placement: { placementGroup: 'web' } },
      want: 'PlacementGroupNotFound: placement group "web" does not exist; there is none',
    },
  ];
  for (const { name, spec = {}, placed, image, profiles = [defaultProfile], pools, want } of cases) {
    it(name, async () => {
      const draft = buildInstance('web', { spec, status: placed === true ? { member: 'a' } : {} });
      const outcome = await runStep(resolved, draft, {
        images: lookup(image ?? busybox),
        profiles: lookup(...profiles),
        pools: lookup(...(pools ?? [buildPool('local')])),
        networks: lookup(buildNetwork('lan')),
        members: lookup(buildMember('a')),
        clusterGroups: lookup(),
        placementGroups: lookup(),
      });
      assert.equal(
        outcome,
        want === undefined ? 'settled: everything it refers to exists' : `blocked: ${want}`,
      );
      assert.deepEqual([draft.status.state, draft.status.type], ['Pending', 'container']);
    });
  }
});
