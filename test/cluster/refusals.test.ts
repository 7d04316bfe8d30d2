import assert from 'node:assert/strict';

import type { Image } from '../../src/api/generated/image.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { assertHostsAre, readHostState } from '../support/host-state.ts';
import { applyImage, buildImage, buildInstance } from '../support/instances.ts';

describe('cluster: refusals', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({ name: 'refuse', subnet: 14, members: 1, prepare: applyImage });

  const buildObject = (kind: string, name: string, spec: object) => ({
    apiVersion: 'muster.dev/v1alpha1',
    kind,
    metadata: { name },
    spec,
  });
  const settings = (spec: object) => buildObject('Cluster', 'cluster', spec);
  const instance = (spec: object) => buildInstance('wrong', spec);
  const rootDisk = (pool: string) => ({ root: { type: 'disk', disk: { path: '/', pool } } });
  const card = (network: string) => ({ eth0: { type: 'nic', nic: { network } } });

  const refused = [
    { name: 'an unknown field', document: instance({ imgae: 'x' }), want: /unknown field "spec.imgae"/ },
    {
      name: 'a wrong type',
      document: instance({ running: 'maybe' }),
      want: /spec.running.*must be of type boolean/,
    },
    { name: 'a missing field', document: instance({ image: undefined }), want: /spec.image: Required value/ },
    { name: 'an even number of voters', document: settings({ maxVoters: 4 }), want: /spec.maxVoters/ },
    {
      name: 'too many stand-bys',
      document: settings({ maxStandby: 6 }),
      want: /spec.maxStandby.*less than or equal to 5/,
    },
    {
      name: 'a driver that is not served',
      document: buildObject('StoragePool', 'other', { driver: 'zfs' }),
      want: /spec.driver: Unsupported value: "zfs": not served by this release; served: "dir"/,
    },
    {
      name: 'a driver that does not exist',
      document: buildObject('StoragePool', 'other', { driver: 'floppy' }),
      want: /spec.driver: Unsupported value: "floppy"/,
    },
    {
      name: 'a type of network that is not served',
      document: buildObject('Network', 'other', { type: 'ovn' }),
      want: /spec.type: Unsupported value: "ovn": not served by this release; served: "bridge"/,
    },
    {
      name: 'a virtual machine',
      document: instance({ type: 'virtual-machine' }),
      want: /"virtual-machine": not served by this release; served: "container"/,
    },
    {
      name: 'a namespace that does not exist',
      document: { ...instance({}), metadata: { name: 'wrong', namespace: 'nowhere' } },
      want: /namespaces "nowhere" not found/,
    },
  ];
  for (const { name, document, want } of refused) {
    it(`refuses ${name}`, async () => {
      const input = JSON.stringify(document);
      const { code, stderr } = await open().tryKubectl(['apply', '-f', '-'], { input });
      assert.equal(code, 1);
      assert.match(stderr, want);
    });
  }

  const unresolved = [
    { name: 'an image', spec: { image: 'nope' }, want: /image "nope" does not exist/ },
    { name: 'a pool', spec: { devices: rootDisk('nowhere') }, want: /"nowhere" does not exist/ },
    { name: 'a network', spec: { devices: card('wire') }, want: /"wire" does not exist/ },
    { name: 'a member', spec: { placement: { member: 'n9' } }, want: /"?n9"? / },
    { name: 'a profile', spec: { profiles: ['grand'] }, want: /profile "grand" does not exist/ },
  ];
  for (const { name, spec, want } of unresolved) {
    it(`says that ${name} that an instance wants does not exist, and makes nothing`, async () => {
      const host = open().lab.member(1);
      const before = await readHostState(host);
      await open().apply(instance(spec));
      await eventually('condition that names it', 10_000, async () => {
        const { status } = await open().getJson<Instance>(['instance', 'wrong']);
        const failing = status?.conditions?.find((condition) => condition.status === 'False');
        assert(['Placed', 'Resolved'].includes(failing?.type ?? ''), JSON.stringify(status));
        assert.match(failing?.message ?? '', want);
        assert.equal(status?.member, undefined);
      });
      await assertHostsAre([host], [before]);
      await open().kubectl(['delete', 'instance', 'wrong', '--timeout=20s']);
    });
  }

  it('places an instance as soon as what it wants is there', async () => {
    await open().apply(instance({ profiles: ['default', 'grand'] }));
    await open().kubectl(['wait', '--for=condition=Resolved=False', 'instance/wrong', '--timeout=10s']);
    const profile = {
      ...buildObject('Profile', 'grand', {}),
      metadata: { name: 'grand', namespace: 'default' },
    };
    await open().apply(profile);
    await open().kubectl(['wait', '--for=condition=Ready', 'instance/wrong', '--timeout=40s']);
    await open().kubectl(['delete', 'instance/wrong', 'profile/grand', '--timeout=40s']);
  });

  const images = [
    {
      name: 'file is not there',
      spec: { source: { file: 'none.tar.xz', member: 'n1' } },
      want: /none\.tar\.xz: there is no such file/,
    },
    { name: 'content is another one', spec: { digest: `sha256:${'0'.repeat(64)}` }, want: /digest|sha256/ },
  ];
  for (const { name, spec, want } of images) {
    it(`says of an image that its ${name}, and keeps nothing of it`, async () => {
      const host = open().lab.member(1);
      const before = await readHostState(host);
      await open().apply(buildImage('broken', spec));
      await eventually('condition that says it', 10_000, async () => {
        const { status } = await open().getJson<Image>(['image', 'broken']);
        const imported = status?.conditions?.find(({ type }) => type === 'Imported');
        assert.equal(imported?.status, 'False', JSON.stringify(status));
        assert.match(imported.message, want);
      });
      await open().kubectl(['delete', 'image', 'broken', '--timeout=20s']);
      await assertHostsAre([host], [before]);
    });
  }
});
