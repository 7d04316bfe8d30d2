import assert from 'node:assert/strict';
import { configMaps } from '../../../../src/api/builtin.ts';
import type { KubernetesObject } from '../../../../src/api/meta.ts';
import { applyObject, planPatch } from '../../../../src/daemon/manifests/apply-object.ts';
import type { ManifestPolicy } from '../../../../src/daemon/manifests/three-way-patch.ts';

const signal = new AbortController().signal;
const object = (data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
  data,
});

function target(data: object, options: { policy?: ManifestPolicy; isKnown?: boolean } = {}) {
  const { policy = 'enforce', isKnown = false } = options;
  return { resource: configMaps, object: object(data), origin: 'here/a.yaml', policy, isKnown };
}

/** What the API would hold after the object was created from the target. */
async function createFrom(data: object): Promise<KubernetesObject> {
  const created: KubernetesObject[] = [];
  const clusterApi = {
    get: () => Promise.resolve(undefined),
    create: <T extends KubernetesObject>(_resource: unknown, value: T) => {
      created.push(value);
      return Promise.resolve(value);
    },
    mergePatch: () => Promise.reject(new Error('not now')),
  };
  await applyObject(clusterApi, target(data), signal);
  return created[0] ?? assert.fail('nothing was created');
}

describe('daemon/manifests/apply-object', () => {
  it('changes nothing the second time', async () => {
    const live = await createFrom({ x: '1' });
    assert.equal(planPatch(target({ x: '1' }), live), undefined);
  });

  it('remembers what it applied, so that a dropped field goes and others stay', async () => {
    const live = { ...(await createFrom({ x: '1', y: '2' })), data: { x: '1', y: '2', mine: '3' } };
    const patch = planPatch(target({ x: '1' }), live) as { data: unknown };
    assert.deepEqual(patch.data, { y: null });
  });

  it('does not make again what a person has deleted, where the file is only a seed', async () => {
    const clusterApi = {
      get: () => Promise.resolve(undefined),
      create: () => Promise.reject(new Error('must not be created')),
      mergePatch: () => Promise.reject(new Error('must not be changed')),
    };
    const seed = target({ x: '1' }, { policy: 'seed', isKnown: true });
    assert.equal(await applyObject(clusterApi, seed, signal), 'deleted-by-user');
  });

  it('takes a stray status and server fields out of a file', async () => {
    const written = { ...object({ x: '1' }), status: { a: 1 } };
    written.metadata = { ...written.metadata, ...{ uid: 'u', resourceVersion: '7' } };
    const live = await createFrom({ x: '1' });
    assert.equal(planPatch({ ...target({}), object: written }, live), undefined);
  });
});
