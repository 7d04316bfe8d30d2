import assert from 'node:assert/strict';
import type { CustomResourceDefinition } from '../../../../src/api/builtin.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { createCrdSync, type SyncCrdsDeps } from '../../../../src/daemon/run/sync-crds.ts';

const never = new AbortController().signal;

function define(description: string): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.org' },
    spec: {
      group: 'example.org',
      names: { kind: 'Thing', plural: 'things' },
      scope: 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', description } },
        },
      ],
    },
  };
}

/** An API that stores what is applied, with what the server adds. */
function buildApi() {
  const state: { stored: CustomResourceDefinition[]; applied: number } = { stored: [], applied: 0 };
  // Only what the sync asks for.
  const clusterApi = {
    list: () => Promise.resolve({ resourceVersion: '1', items: state.stored }),
    apply: (_resource: unknown, desired: CustomResourceDefinition) => {
      state.applied += 1;
      const metadata = { ...desired.metadata, uid: 'u', resourceVersion: String(state.applied) };
      const names = { ...desired.spec.names, singular: 'thing' };
      const stored = { ...desired, metadata, spec: { ...desired.spec, names } };
      state.stored = [stored];
      return Promise.resolve(stored);
    },
  } as unknown as SyncCrdsDeps['clusterApi'];
  return { state, clusterApi };
}

describe('createCrdSync', () => {
  it('applies what is missing, and nothing more in the next terms', async () => {
    const { state, clusterApi } = buildApi();
    for (let term = 1; term <= 3; term += 1) {
      const sync = createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 1 });
      await sync([define('a thing')], never);
    }
    assert.equal(state.applied, 1);
  });

  it('applies a definition that has changed', async () => {
    const { state, clusterApi } = buildApi();
    await createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 1 })([define('a thing')], never);
    await createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 1 })(
      [define('another thing')],
      never,
    );
    assert.equal(state.applied, 2);
  });

  it('puts back what somebody has changed', async () => {
    const { state, clusterApi } = buildApi();
    await createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 1 })([define('a thing')], never);
    state.stored = state.stored.map((stored) => ({
      ...stored,
      spec: { ...stored.spec, scope: 'Namespaced' },
    }));
    await createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 1 })([define('a thing')], never);
    assert.equal(state.applied, 2);
    assert.equal(state.stored[0]?.spec.scope, 'Cluster');
  });

  it('leaves the definitions of a newer release alone', async () => {
    const { state, clusterApi } = buildApi();
    await createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 2 })(
      [define('a new thing')],
      never,
    );
    await createCrdSync({ clusterApi, logger: silentLogger, featureLevel: 1 })([define('a thing')], never);
    assert.equal(state.applied, 1);
  });
});
