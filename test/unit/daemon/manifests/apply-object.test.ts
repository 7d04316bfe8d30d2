import assert from 'node:assert/strict';
import { apiError } from '../../../../src/api/api-error.ts';
import { configMaps, type ConfigMap } from '../../../../src/api/builtin.ts';
import type { KubernetesObject } from '../../../../src/api/meta.ts';
import {
  type ApplyTarget,
  type ManifestPolicy,
  applyObject,
} from '../../../../src/daemon/manifests/apply-object.ts';
import type { ClusterApi } from '../../../../src/runtime/cluster-api.ts';

const signal = new AbortController().signal;

function target(
  data: object,
  { policy = 'enforce', isKnown = false }: { policy?: ManifestPolicy; isKnown?: boolean } = {},
): ApplyTarget {
  const object = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { name: 'a', namespace: 'default' },
    data,
  };
  return { resource: configMaps, object, origin: 'here/a.yaml', policy, isKnown };
}

/** Holds one object, and refuses what `owned` names until force comes. */
class OneObjectApi implements Pick<ClusterApi, 'apply' | 'get'> {
  stored: ConfigMap | undefined;
  owned: readonly string[] = [];
  applies = 0;

  get<T extends KubernetesObject>(): Promise<T | undefined> {
    return Promise.resolve(this.stored as T | undefined);
  }

  apply: ClusterApi['apply'] = (_resource, object, { isForced }) => {
    this.applies += 1;
    const applied = object as unknown as ConfigMap;
    const causes = this.owned
      .filter((field) => field.slice('.data.'.length) in (applied.data ?? {}))
      .map((field) => ({ reason: 'FieldManagerConflict', message: 'conflict with "ann"', field }));
    if (causes.length > 0 && !isForced) return Promise.reject(apiError('Conflict', 'conflict', { causes }));
    const revision = Number(this.stored?.metadata.resourceVersion ?? 0) + 1;
    this.stored = { ...applied, metadata: { ...applied.metadata, resourceVersion: `${revision}` } };
    return Promise.resolve(this.stored as never);
  };
}

describe('daemon/manifests/apply-object', () => {
  it('applies what the file says, and no field that the server owns', async () => {
    const clusterApi = new OneObjectApi();
    const stray = target({ x: '1' });
    Object.assign(stray.object, { status: { a: 1 } });
    Object.assign(stray.object.metadata, { uid: 'u', resourceVersion: '7' });
    assert.equal(await applyObject(clusterApi, stray, signal), 'created');
    assert.deepEqual(clusterApi.stored, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { x: '1' } },
      metadata: {
        ...{ name: 'a', namespace: 'default', resourceVersion: '1' },
        annotations: { 'muster.dev/manifest': 'here/a.yaml' },
      },
    });
  });

  it('takes back by force what a person has changed', async () => {
    const clusterApi = new OneObjectApi();
    clusterApi.owned = ['.data.x'];
    await applyObject(clusterApi, target({ x: '1' }), signal);
    assert.deepEqual(clusterApi.stored?.data, { x: '1' });
  });

  it('sows a seed once, and again only as another text', async () => {
    const clusterApi = new OneObjectApi();
    await applyObject(clusterApi, target({ x: '1' }, { policy: 'seed' }), signal);
    const again = await applyObject(clusterApi, target({ x: '1' }, { policy: 'seed' }), signal);
    const other = await applyObject(clusterApi, target({ x: '2' }, { policy: 'seed' }), signal);
    assert.deepEqual([again, other, clusterApi.applies], ['unchanged', 'changed', 2]);
  });

  it('leaves to a person the fields of a seed that he has changed', async () => {
    const clusterApi = new OneObjectApi();
    await applyObject(clusterApi, target({ x: '1', 'a.b': '1' }, { policy: 'seed' }), signal);
    clusterApi.owned = ['.data.a.b'];
    await applyObject(clusterApi, target({ x: '2', 'a.b': '2' }, { policy: 'seed' }), signal);
    assert.deepEqual(clusterApi.stored?.data, { x: '2' });
  });

  it('does not make again what a person has deleted, where the file is only a seed', async () => {
    const clusterApi = new OneObjectApi();
    const seed = target({ x: '1' }, { policy: 'seed', isKnown: true });
    assert.equal(await applyObject(clusterApi, seed, signal), 'deleted-by-user');
    assert.equal(clusterApi.applies, 0);
  });
});
