import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { runMusterd } from '../../scripts/lab/member-process.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.ts';
import { applyImage, buildInstance } from '../support/instances.ts';

describe('cluster: refusals', () => {
  let cluster: TestCluster;
  let isUp = false;

  before(async () => {
    cluster = await startTestCluster({ name: 'refuse', subnet: 14, members: 1 });
    isUp = true;
    await applyImage(cluster);
  });

  after(async () => {
    if (isUp) await cluster.remove();
  });

  const pool = (driver: string) => ({
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'StoragePool',
    metadata: { name: 'other' },
    spec: { driver },
  });
  const settings = (spec: object) => ({
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'cluster' },
    spec,
  });
  const instance = (spec: object) => buildInstance('wrong', spec);
  const refused = [
    { name: 'an unknown field', document: instance({ imgae: 'x' }), want: /unknown field "spec.imgae"/ },
    {
      name: 'a wrong type',
      document: instance({ running: 'maybe' }),
      want: /spec.running.*must be of type boolean/,
    },
    { name: 'an even number of voters', document: settings({ maxVoters: 4 }), want: /spec.maxVoters/ },
    {
      name: 'too many stand-bys',
      document: settings({ maxStandby: 6 }),
      want: /spec.maxStandby.*less than or equal to 5/,
    },
    {
      name: 'a driver that is not served',
      document: pool('zfs'),
      want: /"zfs": not served by this release; served: "dir"/,
    },
    { name: 'a driver that does not exist', document: pool('floppy'), want: /Unsupported value: "floppy"/ },
    {
      name: 'a virtual machine',
      document: instance({ type: 'virtual-machine' }),
      want: /"virtual-machine": not served by this release; served: "container"/,
    },
  ];
  for (const { name, document, want } of refused) {
    it(`refuses ${name}`, async () => {
      const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], {
        input: JSON.stringify(document),
      });
      assert.equal(code, 1);
      assert.match(stderr, want);
    });
  }

  const unresolved = [
    { name: 'an image that does not exist', spec: { image: 'nope' }, want: /image "nope" does not exist/ },
    {
      name: 'a pool that does not exist',
      spec: { devices: { root: { type: 'disk', disk: { path: '/', pool: 'nowhere' } } } },
      want: /nowhere/,
    },
    { name: 'a member that does not exist', spec: { placement: { member: 'n9' } }, want: /n9/ },
    {
      name: 'a profile that does not exist',
      spec: { profiles: ['grand'] },
      want: /profile "grand" does not exist/,
    },
  ];
  for (const { name, spec, want } of unresolved) {
    it(`says what is wrong with an instance that wants ${name}, and makes nothing`, async () => {
      await cluster.apply(instance(spec));
      await eventually('condition that names it', 10_000, async () => {
        const { status } = await cluster.getJson<Instance>(['instance', 'wrong']);
        const failing = status?.conditions?.find((condition) => condition.status === 'False');
        assert.match(failing?.message ?? '', want);
        assert.equal(status?.member, undefined);
      });
      const folders = await readdir(path.join(cluster.lab.member(1).dataDirectory, 'instances'), {
        withFileTypes: true,
      });
      assert.deepEqual(
        folders.filter((entry) => entry.isDirectory()),
        [],
      );
      await cluster.kubectl(['delete', 'instance', 'wrong', '--timeout=20s']);
    });
  }

  it('lets a token in once, and only the member that it names', async () => {
    const [first, second] = [cluster.lab.member(1), cluster.lab.member(2)];
    const token = (await runMusterd(first, ['token', 'n2', '--data-dir', first.dataDirectory])).trim();
    const content = JSON.parse(Buffer.from(token, 'base64').toString()) as Record<string, unknown>;
    assert.deepEqual(Object.keys(content).toSorted(), [
      'addresses',
      'expires_at',
      'fingerprint',
      'secret',
      'server_name',
    ]);
    const renamed = Buffer.from(JSON.stringify({ ...content, server_name: 'n3' })).toString('base64');
    const join = (joinToken: string) =>
      runMusterd(first, [
        ...['join', '--data-dir', second.dataDirectory, '--address', `${first.ipAddress}:9443`],
        ...['--token', joinToken, '--no-run'],
      ]);
    await assert.rejects(join(renamed), /token/i);
    await assert.rejects(join('rubbish'), /token/i);
    await join(token);
    await assert.rejects(join(token), /already|token/i);
  });
});
