import assert from 'node:assert/strict';

import type { JsonObject } from '../../../src/apiserver/schema/json-object.ts';
import { compileKindSchema } from '../../../src/apiserver/schema/kind-schema.ts';
import { readDefinitions } from '../../support/kinds.ts';

interface Case {
  readonly spec: JsonObject;
  /** The fields that are refused; none where the object is fine. */
  readonly refused?: readonly string[];
  readonly name?: string;
}

const disk = { path: '/', pool: 'local' };
const nic = { network: 'musterbr0' };
const source = { file: 'busybox.tar.xz', member: 'n1' };

const cases: Record<string, readonly Case[]> = {
  Cluster: [
    { spec: {} },
    { spec: { maxVoters: 5, maxStandby: 0, offlineThresholdSeconds: 11, imagesMinimalReplica: -1 } },
    { spec: { joinTokenExpiry: '' } },
    { spec: { joinTokenExpiry: '1d 3H' } },
    { spec: {}, name: 'other', refused: ['metadata.name'] },
    { spec: { maxVoters: 4 }, refused: ['spec.maxVoters'] },
    { spec: { maxVoters: 1 }, refused: ['spec.maxVoters'] },
    { spec: { maxStandby: 6 }, refused: ['spec.maxStandby'] },
    { spec: { maxStandby: -1 }, refused: ['spec.maxStandby'] },
    { spec: { healingThresholdSeconds: 0 } },
    { spec: { healingThresholdSeconds: 30 }, refused: ['spec.healingThresholdSeconds'] },
    { spec: { offlineThresholdSeconds: 10 }, refused: ['spec.offlineThresholdSeconds'] },
    { spec: { imagesMinimalReplica: 0 }, refused: ['spec.imagesMinimalReplica'] },
    { spec: { imagesMinimalReplica: -2 }, refused: ['spec.imagesMinimalReplica'] },
    { spec: { joinTokenExpiry: '3h' }, refused: ['spec.joinTokenExpiry'] },
    { spec: { joinTokenExpiry: '1d 2d' }, refused: ['spec.joinTokenExpiry'] },
    { spec: { offlineThresholdSeconds: '20' }, refused: ['spec.offlineThresholdSeconds'] },
  ],
  Member: [
    { spec: { address: '192.0.2.1:8443' } },
    { spec: { address: '[2001:db8::1]:8443' } },
    { spec: { address: 'n1.example.org:8443', groups: ['default', 'gpu'], scheduling: 'group' } },
    { spec: { address: 'n1:8443', roles: ['control-plane'] } },
    { spec: { address: 'n1:8443', roles: ['ovn-chassis'] } },
    { spec: { address: 'n1:8443', roles: ['database-voter'] }, refused: ['spec.roles[0]'] },
    {
      spec: { address: 'n1:8443', roles: ['control-plane', 'control-plane'] },
      refused: ['spec.roles[1]'],
    },
    { spec: { address: 'n1' }, refused: ['spec.address'] },
    { spec: { address: 'n1:8443', groups: [] }, refused: ['spec.groups'] },
    { spec: { address: 'n1:8443', failureDomain: '' }, refused: ['spec.failureDomain'] },
    { spec: { address: 'n1:8443', scheduling: 'none' }, refused: ['spec.scheduling'] },
    { spec: {}, refused: ['spec.address'] },
  ],
  ClusterGroup: [{ spec: {} }, { spec: { description: 'with a GPU' } }],
  Identity: [
    { spec: {} },
    { spec: { groups: ['developers', 'system:masters'], description: 'on call' } },
    { spec: { groups: [''] }, refused: ['spec.groups[0]'] },
  ],
  PlacementGroup: [
    { spec: { policy: 'spread', rigor: 'strict' } },
    { spec: { policy: 'compact' }, refused: ['spec.rigor'] },
    { spec: { policy: 'pack', rigor: 'loose' }, refused: ['spec.policy', 'spec.rigor'] },
  ],
  ClusterLink: [
    { spec: {} },
    { spec: { type: 'public', addresses: ['198.51.100.7:8443'], fingerprint: 'ab'.repeat(32) } },
    { spec: { type: 'mutual' }, refused: ['spec.type'] },
    { spec: { addresses: ['198.51.100.7'] }, refused: ['spec.addresses[0]'] },
  ],
  Instance: [
    { spec: { image: 'busybox' } },
    { spec: { image: 'busybox', profiles: [], resources: { cpus: 2, memory: '512MiB' } } },
    { spec: { image: 'busybox', devices: { root: { type: 'disk', disk } } } },
    { spec: { image: 'busybox', security: { privileged: false } } },
    { spec: { image: 'busybox', security: { privileged: true } }, refused: ['spec.security.privileged'] },
    { spec: { image: 'busybox', evacuation: 'migrate' }, refused: ['spec.evacuation'] },
    { spec: { image: 'busybox', devices: { eth0: { type: 'none' } } } },
    { spec: { image: 'busybox', placement: { clusterGroup: 'gpu' }, evacuation: 'auto' } },
    {
      spec: {
        image: 'busybox',
        devices: { eth0: { type: 'nic', nic: { ...nic, hwaddr: '00:16:3e:00:00:01' } } },
      },
    },
    { spec: {}, refused: ['spec.image'] },
    { spec: { image: 'busybox' }, name: '1st', refused: ['metadata.name'] },
    { spec: { image: 'busybox' }, name: 'web.1', refused: ['metadata.name'] },
    { spec: { image: 'busybox', type: 'virtual-machine' }, refused: ['spec.type'] },
    { spec: { image: 'busybox', type: 'jail' }, refused: ['spec.type'] },
    { spec: { image: 'busybox', running: 'yes' }, refused: ['spec.running'] },
    { spec: { image: 'busybox', profiles: ['a', 'a'] }, refused: ['spec.profiles[1]'] },
    { spec: { image: 'busybox', resources: { cpus: 0 } }, refused: ['spec.resources.cpus'] },
    { spec: { image: 'busybox', resources: { memory: '1 GB' } }, refused: ['spec.resources.memory'] },
    { spec: { image: 'busybox', resources: { memory: '5gib' } }, refused: ['spec.resources.memory'] },
    { spec: { image: 'busybox', evacuation: 'flee' }, refused: ['spec.evacuation'] },
    { spec: { image: 'busybox', config: { 'user.port': 80 } }, refused: ['spec.config.user.port'] },
    {
      spec: { image: 'busybox', devices: { card: { type: 'gpu' } } },
      refused: ['spec.devices.card.type'],
    },
    {
      spec: { image: 'busybox', devices: { root: { type: 'disk', disk: { path: '/srv', pool: 'local' } } } },
      refused: ['spec.devices.root.disk.path'],
    },
    {
      spec: { image: 'busybox', devices: { eth0: { type: 'nic', nic: { ...nic, ipv4Address: '10.0.0' } } } },
      refused: ['spec.devices.eth0.nic.ipv4Address'],
    },
    {
      // The lowest bit of the first byte would make it a multicast address.
      spec: {
        image: 'busybox',
        devices: { eth0: { type: 'nic', nic: { ...nic, hwaddr: '01:16:3e:00:00:01' } } },
      },
      refused: ['spec.devices.eth0.nic.hwaddr'],
    },
  ],
  Profile: [
    { spec: {} },
    { spec: { resources: { memory: '1.5Gi' }, devices: { eth0: { type: 'nic', nic } } } },
    { spec: { devices: { eth0: { nic } } }, refused: ['spec.devices.eth0.type'] },
  ],
  Image: [
    { spec: { source } },
    { spec: { source, digest: `sha256:${'0'.repeat(64)}`, type: 'container' } },
    { spec: { source, autoUpdate: true }, refused: ['spec.autoUpdate'] },
    { spec: { source, type: 'virtual-machine' }, refused: ['spec.type'] },
    { spec: { source, digest: 'sha256:1234' }, refused: ['spec.digest'] },
    { spec: { source: { ...source, file: '../secrets' } }, refused: ['spec.source.file'] },
    { spec: { source: { ...source, file: '.hidden' } }, refused: ['spec.source.file'] },
    { spec: { source: { file: 'a.tar' } }, refused: ['spec.source.member'] },
  ],
  StoragePool: [
    { spec: { driver: 'dir' } },
    { spec: { driver: 'dir', members: [{ name: 'n1', source: '/srv/pool' }] } },
    { spec: { driver: 'zfs' }, refused: ['spec.driver'] },
    { spec: { driver: 'ext4' }, refused: ['spec.driver'] },
    {
      spec: { driver: 'dir', members: [{ name: 'n1' }, { name: 'n1' }] },
      refused: ['spec.members[1]'],
    },
    {
      spec: { driver: 'dir', members: [{ name: 'n1', source: 'srv' }] },
      refused: ['spec.members[0].source'],
    },
  ],
  Network: [
    { spec: { type: 'bridge' }, name: 'musterbr0' },
    { spec: { type: 'bridge', ipv4: { address: '10.5.0.1/24' }, ipv6: { address: 'fd42:5::1/64' } } },
    { spec: { type: 'bridge', ipv4: { address: 'none' }, ipv6: { address: 'auto' } } },
    { spec: { type: 'bridge', ipv4: { dhcpRanges: ['10.5.0.10-10.5.0.99'] } } },
    { spec: { type: 'bridge' }, name: 'a-name-of-16-let', refused: ['metadata.name'] },
    { spec: { type: 'ovn' }, refused: ['spec.type'] },
    { spec: { type: 'bridge', bridge: { mode: 'fan' } }, refused: ['spec.bridge.mode'] },
    { spec: { type: 'bridge', bridge: { mtu: 100 } }, refused: ['spec.bridge.mtu'] },
    { spec: { type: 'bridge', ipv4: { address: '10.5.0.1' } }, refused: ['spec.ipv4.address'] },
    { spec: { type: 'bridge', ipv4: { address: '10.5.0.300/24' } }, refused: ['spec.ipv4.address'] },
    { spec: { type: 'bridge', ipv6: { address: '10.5.0.1/24' } }, refused: ['spec.ipv6.address'] },
    { spec: { type: 'bridge', dns: { mode: 'magic' } }, refused: ['spec.dns.mode'] },
  ],
};

describe('crds: values', () => {
  for (const { kind } of readDefinitions()) {
    const schema = compileKindSchema(kind);
    for (const { spec, refused = [], name } of cases[kind.kind] ?? []) {
      const title = `${name === undefined ? '' : `${name} `}${JSON.stringify(spec)}`;
      it(`${kind.kind} ${refused.length === 0 ? 'takes' : 'refuses'} ${title}`, () => {
        const metadata = {
          name: name ?? (kind.kind === 'Cluster' ? 'cluster' : 'web-1'),
          ...(kind.namespaced ? { namespace: 'default' } : {}),
        };
        const object = {
          apiVersion: `${kind.group}/${kind.version}`,
          kind: kind.kind,
          metadata,
          spec: structuredClone(spec),
        };
        const causes = schema.validate(object);
        const fields = [...new Set(causes.map(({ field }) => field))].toSorted();
        assert.deepEqual(fields, refused.toSorted(), JSON.stringify(causes, null, 2));
      });
    }
  }

  it('says of a value that is known but not served what is', () => {
    const pool = readDefinitions().find(({ kind }) => kind.kind === 'StoragePool');
    assert.ok(pool !== undefined);
    const causes = compileKindSchema(pool.kind).validate({
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'StoragePool',
      metadata: { name: 'tank' },
      spec: { driver: 'zfs' },
    });
    assert.deepEqual(causes, [
      {
        reason: 'FieldValueNotSupported',
        message: 'Unsupported value: "zfs": not served by this release; served: "dir"',
        field: 'spec.driver',
      },
    ]);
  });
});
