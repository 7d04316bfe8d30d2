import assert from 'node:assert/strict';
import { type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const profiles = '/apis/muster.dev/v1alpha1/namespaces/default/profiles';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

describe('apiserver upkeep', () => {
  let server: TestApiServer;
  let api: TestClient;

  beforeEach(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });

  async function eventually(path: string, want: number): Promise<void> {
    let code = 0;
    for (let attempt = 0; attempt < 60 && code !== want; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ code } = await api.send('GET', path));
    }
    assert.equal(code, want, path);
  }

  it('empties a namespace, waits for finalizers, and says so', async () => {
    const inside = '/api/v1/namespaces/shop/configmaps';
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    await api.send('POST', inside, { metadata: { name: 'plain' } });
    await api.send('POST', inside, { metadata: { name: 'held', finalizers: ['x.io/wait'] } });
    const marked = await api.send('DELETE', '/api/v1/namespaces/shop');
    await eventually(`${inside}/plain`, 404);
    const refused = await api.send('POST', inside, { metadata: { name: 'late' } });
    const waiting = await api.send('GET', '/api/v1/namespaces/shop');
    await api.send('PATCH', `${inside}/held`, { metadata: { finalizers: null } }, mergePatch);
    await eventually('/api/v1/namespaces/shop', 404);
    assert.deepEqual([(marked.body.status as { phase: string }).phase, refused.code], ['Terminating', 403]);
    assert.match(JSON.stringify(waiting.body.status), /configmaps has 1 resource instances/);
    assert.match(
      JSON.stringify(waiting.body.status),
      /finalizers remaining: x.io\/wait in 1 resource instances/,
    );
  });

  it('deletes the objects of a definition that goes', async () => {
    await api.send('POST', profiles, {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'Profile',
      metadata: { name: 'a' },
      spec: {},
    });
    await api.send('DELETE', `${definitions}/profiles.muster.dev`);
    await eventually(`${definitions}/profiles.muster.dev`, 404);
    const { code, text } = await api.send('GET', profiles);
    assert.deepEqual([code, text], [404, '404 page not found\n']);
    assert.equal(server.store.range('/registry/muster.dev/profiles/').entries.length, 0);
  });

  const createOwned = async (name: string, uid: string) => {
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: true },
    ];
    await api.send('POST', configMaps, { metadata: { name, ownerReferences } });
  };
  const createOwner = async () =>
    (await api.send('POST', configMaps, { metadata: { name: 'owner' } })).body.metadata.uid;

  it('collects what has lost its owner', async () => {
    await createOwned('child', await createOwner());
    await api.send('DELETE', `${configMaps}/owner`);
    await eventually(`${configMaps}/child`, 404);
  });

  it('lets an owner wait for its dependents', async () => {
    await createOwned('child', await createOwner());
    const { code, body } = await api.send('DELETE', `${configMaps}/owner`, {
      propagationPolicy: 'Foreground',
    });
    await eventually(`${configMaps}/owner`, 404);
    const child = await api.send('GET', `${configMaps}/child`);
    assert.deepEqual([code, body.kind, child.code], [200, 'ConfigMap', 404]);
  });

  it('leaves orphans alone', async () => {
    await createOwned('child', await createOwner());
    await api.send('DELETE', `${configMaps}/owner`, { propagationPolicy: 'Orphan' });
    await eventually(`${configMaps}/owner`, 404);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { code, text } = await api.send('GET', `${configMaps}/child`);
    assert.deepEqual([code, text.includes('owner')], [200, false]);
  });

  it('forgets old events', async () => {
    const events = '/api/v1/namespaces/default/events';
    const store = (name: string, creationTimestamp: string) => {
      const value = Buffer.from(
        JSON.stringify({ metadata: { name, namespace: 'default', creationTimestamp } }),
      );
      const key = `/registry/core/events/default/${name}`;
      return server.store.commit({ conditions: [], operations: [{ kind: 'put', key, value }] });
    };
    await store('old', '2020-01-01T00:00:00Z');
    await store('new', new Date().toISOString());
    await eventually(`${events}/old`, 404);
    assert.equal((await api.send('GET', `${events}/new`)).code, 200);
  });
});
