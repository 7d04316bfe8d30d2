import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { configMaps, customResourceDefinitions, secrets } from '../../../src/api/builtin.ts';
import type { Profile } from '../../../src/api/generated/profile.ts';
import { clusters, instances, members, profiles } from '../../../src/api/generated/resources.ts';
import type { KubernetesObject } from '../../../src/api/meta.ts';
import type { Resource } from '../../../src/api/resource.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';

const archive = path.join(import.meta.dirname, '../../fixtures/muster-first-release/member.tar.gz');
const limitMs = 20_000;

interface Widget extends KubernetesObject {
  readonly spec: { readonly size: number; readonly color: string };
}
const widgets: Resource<Widget> = {
  ...{ apiVersion: 'example.com/v1', kind: 'Widget', plural: 'widgets', namespaced: true },
};
const web = (name: string): { name: string; namespace: string } => ({ name, namespace: 'web' });

describe('daemon: the data of a former release', function () {
  this.timeout(90_000);
  let cluster: DaemonCluster;
  const api = (): ReturnType<DaemonCluster['api']> => cluster.api('n1');
  const limit = (): AbortSignal => AbortSignal.timeout(limitMs);

  before(async () => {
    cluster = await DaemonCluster.create();
    await unpack(cluster.dataDir('n1'));
    await cluster.start('n1');
    await eventually('the member is online', async () => {
      const member = await api().get(members, { name: 'n1' }, limit());
      return member?.status?.state === 'Online' ? member : undefined;
    });
  });
  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  it('shows its instances and settings as they were', async () => {
    const front = await api().get(instances, web('front'), limit());
    assert.deepEqual(front?.spec.resources, { cpus: 1, memory: '256Mi' });
    assert.deepEqual(front.spec.placement, { placementGroup: 'apart' });
    assert.equal(front.status?.state, 'Pending');
    const member = await api().get(members, { name: 'n1' }, limit());
    assert.deepEqual(member?.spec.roles, ['event-hub']);
    assert.equal((await api().get(clusters, { name: 'cluster' }, limit()))?.spec?.maxStandby, 1);
  });

  it('is read as it was written', async () => {
    const settings = await api().get(configMaps, web('settings'), limit());
    assert.deepEqual(settings?.data, { motd: 'written by an older release', empty: '' });
    assert.equal(settings.metadata.annotations?.['edited'], 'yes');
    const login = await api().get(secrets, web('login'), limit());
    assert.equal(Buffer.from(login?.data?.['password'] ?? '', 'base64').toString(), 'correct-horse');
    const gear = await api().get(widgets, web('gear'), limit());
    assert.deepEqual(gear?.spec, { color: 'red', size: 3 });
  });

  it('is brought to the kinds and the feature level of this release', async () => {
    await eventually('the kinds of this release', async () => {
      const { items } = await api().list(customResourceDefinitions, {}, limit());
      const names = items.map(({ metadata }) => metadata.name);
      return names.includes('identities.muster.dev') && names.includes('widgets.example.com')
        ? names
        : undefined;
    });
    await eventually('the feature level', async () => {
      const stored = await api().get(clusters, { name: 'cluster' }, limit());
      return stored?.status?.featureLevel;
    });
  });

  it('is changed, applied to and deleted like what this release wrote', async () => {
    const before = await api().get(profiles, web('small'), limit());
    const patched = await api().mergePatch(
      profiles,
      web('small'),
      { spec: { description: 'Smaller' } },
      {},
      limit(),
    );
    assert.equal(patched.metadata.uid, before?.metadata.uid);
    assert.deepEqual(patched.spec.devices, before?.spec.devices);
    const applied = { apiVersion: 'muster.dev/v1alpha1', kind: 'Profile', metadata: web('small') } as const;
    const owned: Profile = { ...applied, spec: { config: { 'user.tier': 'tiny' } } };
    const options = { fieldManager: 'test', isForced: true };
    const answer = await api().apply(profiles, owned, options, limit());
    assert.deepEqual(answer.spec.config, { 'user.tier': 'tiny' });
    assert.equal(answer.spec.description, 'Smaller');

    await api().delete(instances, web('front'), {}, limit());
    await eventually('the instance is gone', async () => {
      return (await api().get(instances, web('front'), limit())) === undefined ? true : undefined;
    });
    await api().delete(widgets, web('gear'), {}, limit());
    assert.equal(await api().get(widgets, web('gear'), limit()), undefined);
  });

  it('is there after another start', async () => {
    await cluster.stop('n1');
    await cluster.start('n1');
    const small = await eventually('the profile', () => api().get(profiles, web('small'), limit()));
    assert.equal(small.spec.description, 'Smaller');
  });
});

/** Its address is one of the loopback that nobody else takes. */
async function unpack(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await promisify(execFile)('tar', ['-xzf', archive, '-C', directory], { timeout: limitMs });
}
