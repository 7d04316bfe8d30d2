import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../../src/api/meta.ts';
import type { ClusterWriter } from '../../../src/runtime/cluster-api.ts';
import { commit } from '../../../src/runtime/commit.ts';

interface Thing extends KubernetesObject {
  spec: { size: number };
  status?: { phase?: string; conditions?: string[] };
}

const resource = { apiVersion: 'test/v1', kind: 'Thing', plural: 'things', namespaced: true } as const;
const stored: Thing = {
  apiVersion: 'test/v1',
  kind: 'Thing',
  metadata: { name: 'one', namespace: 'default', resourceVersion: '7', finalizers: ['a'] },
  spec: { size: 1 },
};

async function requestsOf(edit: (draft: Thing) => void): Promise<unknown[]> {
  const requests: unknown[] = [];
  const mergePatch: ClusterWriter['mergePatch'] = (_resource, name, patch, options) => {
    requests.push({ name, patch, options });
    return Promise.resolve(stored as never); // the test's only kind
  };
  const draft = structuredClone(stored);
  edit(draft);
  await commit(
    { mergePatch },
    { resource, stored, draft, fieldManager: 'test' },
    new AbortController().signal,
  );
  return requests;
}

describe('runtime/commit', () => {
  const name = { name: 'one', namespace: 'default' };

  it('sends nothing when nothing changed, also for an empty status', async () => {
    assert.deepEqual(
      await requestsOf((draft) => {
        draft.status = {};
      }),
      [],
    );
  });

  it('sends a status change to the sub-resource, with the version as precondition', async () => {
    const patch = { metadata: { resourceVersion: '7' }, status: { phase: 'Ready' } };
    const requests = await requestsOf((draft) => {
      draft.status = { phase: 'Ready' };
    });
    assert.deepEqual(requests, [{ name, patch, options: { subresource: 'status', fieldManager: 'test' } }]);
  });

  it('sends metadata and spec in one patch', async () => {
    const patch = { metadata: { finalizers: ['a', 'b'], resourceVersion: '7' }, spec: { size: 2 } };
    const requests = await requestsOf((draft) => {
      draft.metadata.finalizers?.push('b');
      draft.spec.size = 2;
    });
    assert.deepEqual(requests, [{ name, patch, options: { fieldManager: 'test' } }]);
  });

  it('refuses a pass that changed both', async () => {
    await assert.rejects(
      requestsOf((draft) => {
        draft.spec.size = 2;
        draft.status = { phase: 'Ready' };
      }),
      /status and the rest changed in the same pass/,
    );
  });
});
