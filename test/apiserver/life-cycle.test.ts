import assert from 'node:assert/strict';
import { type TestClient, createTestClient } from '../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';

const profiles = '/apis/muster.dev/v1alpha1/namespaces/default/profiles';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const kept = 'example.com/kept';

/** Sections 2.5, 5 and 6 of docs/kubernetes-compatibility.md: what takes more than one request to see. */
describe('the life of an object', () => {
  let server: TestApiServer;
  let api: TestClient;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
  });
  after(async () => {
    await api.close();
    await server.close();
  });

  const profile = (name: string, metadata: object = {}): object => ({
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Profile',
    metadata: { name, ...metadata },
    spec: {},
  });
  async function create(name: string, metadata: object = {}): Promise<void> {
    const { code, text } = await api.send('POST', profiles, profile(name, metadata));
    assert.equal(code, 201, text);
  }
  async function expectRefusal(
    path: string,
    body: object,
    want: readonly [number, string, RegExp],
  ): Promise<void> {
    const [code, reason, says] = want;
    const answer = await api.send('PUT', path, body);
    assert.deepEqual([answer.code, answer.body.reason], [code, reason], answer.text);
    assert.match(answer.body.message, says);
  }

  it('is updated under its own uid, name and version', async () => {
    await create('own');
    const { resourceVersion } = (await api.send('GET', `${profiles}/own`)).body.metadata;
    const other = profile('own', { resourceVersion, uid: 'another' });
    await expectRefusal(`${profiles}/own`, other, [409, 'Conflict', /UID in precondition: another, UID in/]);
    const nameless = profile('', { resourceVersion });
    await expectRefusal(`${profiles}/own`, nameless, [
      400,
      'BadRequest',
      /based on URL\) was undeterminable/,
    ]);
    const zero = profile('own', { resourceVersion: '0' });
    await expectRefusal(`${profiles}/own`, zero, [422, 'Invalid', /must be specified for an update/]);
  });

  it('needs a version for each update of a Lease', async () => {
    const lease = { metadata: { name: 'turn' }, spec: {} };
    assert.equal((await api.send('POST', leases, lease)).code, 201);
    await expectRefusal(`${leases}/turn`, lease, [422, 'Invalid', /must be specified for an update/]);
  });

  it('keeps its name while it ends, and takes no new finalizer', async () => {
    await create('ending', { finalizers: [kept] });
    const deleted = await api.send('DELETE', `${profiles}/ending`);
    assert.deepEqual([deleted.code, deleted.body.metadata.generation], [200, 2]);
    const again = await api.send('POST', profiles, profile('ending'));
    assert.deepEqual([again.code, again.body.reason], [409, 'AlreadyExists']);
    assert.match(again.body.message, /^object is being deleted: /);
    const more = { metadata: { finalizers: [kept, 'example.com/new'] } };
    const added = await api.send('PATCH', `${profiles}/ending`, more, mergePatch);
    assert.equal(added.code, 422);
    assert.match(added.body.message, /found new finalizers \[\]string\{"example.com\/new"\}/);
    await api.send('PATCH', `${profiles}/ending`, { metadata: { finalizers: null } }, mergePatch);
    assert.equal((await api.send('GET', `${profiles}/ending`)).code, 404);
  });

  it('warns of a finalizer that may be that of others', async () => {
    const { headers } = await api.send(
      'POST',
      `${profiles}?dryRun=All`,
      profile('w', { finalizers: ['foo'] }),
    );
    assert.match(
      String(headers['warning']),
      /^299 - "metadata.finalizers: \\"foo\\": prefer a domain-qualified/,
    );
  });

  it('ends with others that a selector names, and they are listed', async () => {
    for (const name of ['one', 'two']) await create(name, { labels: { batch: 'yes' } });
    await create('bystander');
    const { code, body } = await api.send('DELETE', `${profiles}?labelSelector=batch%3Dyes`);
    assert.deepEqual([code, body.items.map(({ metadata }) => metadata.name)], [200, ['one', 'two']]);
    assert.equal((await api.send('GET', `${profiles}/one`)).code, 404);
    assert.equal((await api.send('GET', `${profiles}/bystander`)).code, 200);
  });

  it('does not begin in a namespace that ends', async () => {
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'closing', finalizers: [kept] } });
    await api.send('DELETE', '/api/v1/namespaces/closing');
    const late = { metadata: { name: 'late' } };
    const { code, body } = await api.send('POST', '/api/v1/namespaces/closing/configmaps', late);
    assert.equal(code, 403);
    assert.match(body.message, /unable to create new content in namespace closing because it is being term/);
    const causes = [
      {
        reason: 'NamespaceTerminating',
        message: 'namespace closing is being terminated',
        field: 'metadata.namespace',
      },
    ];
    assert.deepEqual(body.details, { name: 'late', kind: 'configmaps', causes });
  });
});
