import assert from 'node:assert/strict';
import { createTestClient, type TestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';

const root = '/apis/muster.dev/v1alpha1';
const instances = `${root}/namespaces/default/instances`;

/** What the certificates of members, and of people bound to one namespace, can touch. */
describe('apiserver: who may change what', () => {
  let server: TestApiServer;
  let admin: TestClient;
  let n1: TestClient;
  let ann: TestClient;

  before(async () => {
    server = await startTestApiServer();
    admin = createTestClient(server.url, server.adminTls);
    const member = await server.pki.issueMember('n1');
    n1 = createTestClient(server.url, { caPem: server.pki.caPem, ...member });
    ann = createTestClient(server.url, await server.tlsFor('ann'));
    for (const name of ['n1', 'n2']) {
      await create(`${root}/members`, 'Member', name, { address: `${name}:8443` });
    }
    await create(`${root}/storagepools`, 'StoragePool', 'local', { driver: 'dir' });
    for (const [name, member] of [
      ['mine', 'n1'],
      ['theirs', 'n2'],
    ]) {
      await create(instances, 'Instance', String(name), { image: 'busybox' }, ['muster.dev/instance']);
      await patch(admin, `${instances}/${String(name)}/status`, { status: { member } });
    }
    const source = { file: 'a.tar', member: 'n2' };
    await create(`${root}/namespaces/default/images`, 'Image', 'busybox', { source });
  });
  after(async () => {
    await Promise.all([admin.close(), n1.close(), ann.close()]);
    await server.close();
  });

  async function create(
    path: string,
    kind: string,
    name: string,
    spec: object,
    finalizers: readonly string[] = [],
  ): Promise<void> {
    const body = { apiVersion: 'muster.dev/v1alpha1', kind, metadata: { name, finalizers }, spec };
    const { code, text } = await admin.send('POST', path, body);
    assert.equal(code, 201, text);
  }

  function patch(client: TestClient, path: string, body: object) {
    return client.send('PATCH', path, body, { 'content-type': 'application/merge-patch+json' });
  }

  const pool = `${root}/storagepools/local/status`;
  const image = `${root}/namespaces/default/images/busybox/status`;
  const allowed: readonly [string, string, object][] = [
    ['its own Member', `${root}/members/n1/status`, { status: { version: '1' } }],
    ['an instance on it', `${instances}/mine/status`, { status: { state: 'Running' } }],
    ['the finalizers of an instance on it', `${instances}/mine`, { metadata: { finalizers: [] } }],
    ['its part of a pool', pool, { status: { members: [{ name: 'n1', state: 'Created' }] } }],
    ['its part of an image', image, { status: { members: [{ name: 'n1', state: 'Ready' }] } }],
  ];
  for (const [name, path, body] of allowed) {
    it(`lets a member change ${name}`, async () => {
      const { code, text } = await patch(n1, path, body);
      assert.equal(code, 200, text);
    });
  }

  const refused: readonly [string, string, object, RegExp][] = [
    ['another Member', `${root}/members/n2/status`, { status: { version: '1' } }, /it is another member's/],
    [
      'the wishes about itself',
      `${root}/members/n1`,
      { spec: { evacuated: true } },
      /cannot patch resource "members"/,
    ],
    [
      'an instance elsewhere',
      `${instances}/theirs/status`,
      { status: { state: 'Error' } },
      /is not on member n1/,
    ],
    [
      'the finalizers of one elsewhere',
      `${instances}/theirs`,
      { metadata: { finalizers: [] } },
      /is not on member n1/,
    ],
    [
      'the wishes about an instance',
      `${instances}/mine`,
      { spec: { running: false } },
      /finalizers of an instance/,
    ],
    [
      'the labels of an instance',
      `${instances}/mine`,
      { metadata: { labels: { a: 'b' } } },
      /finalizers of an/,
    ],
    [
      'the part of another member of a pool',
      pool,
      {
        status: {
          members: [
            { name: 'n2', state: 'Errored' },
            { name: 'n1', state: 'Created' },
          ],
        },
      },
      /the entries of other members/,
    ],
    [
      'what controllers say of an image',
      image,
      { status: { digest: `sha256:${'0'.repeat(64)}` } },
      /its own entry/,
    ],
    ['the settings of the cluster', `${root}/clusters/cluster`, { spec: { maxVoters: 5 } }, /cannot patch/],
  ];
  for (const [name, path, body, message] of refused) {
    it(`does not let a member change ${name}`, async () => {
      const { code, body: status } = await patch(n1, path, body);
      assert.equal(code, 403, JSON.stringify(status));
      assert.match(status.message, message);
    });
  }

  it('keeps Secrets from members', async () => {
    const { code } = await n1.send('GET', '/api/v1/namespaces/default/secrets');
    assert.equal(code, 403);
  });

  it('shows and lets change to a person bound to one namespace that namespace and no other', async () => {
    for (const name of ['blue', 'red']) {
      await admin.send('POST', '/api/v1/namespaces', { metadata: { name } });
      const path = `${root}/namespaces/${name}/instances`;
      await create(path, 'Instance', 'web', { image: 'busybox' });
    }
    const binding = {
      metadata: { name: 'ann' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
    };
    const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/blue/rolebindings';
    assert.equal((await admin.send('POST', bindings, binding)).code, 201);

    const codes = async (namespace: string): Promise<readonly number[]> => {
      const path = `${root}/namespaces/${namespace}/instances`;
      const answers = [
        await ann.send('GET', path),
        await ann.send('GET', `${path}/web`),
        await patch(ann, `${path}/web`, { spec: { description: 'mine' } }),
        await ann.send('DELETE', `${path}/web`),
      ];
      return answers.map(({ code }) => code);
    };
    assert.deepEqual(await codes('blue'), [200, 200, 200, 200]);
    assert.deepEqual(await codes('red'), [403, 403, 403, 403]);
    assert.equal((await ann.send('GET', `${root}/instances`)).code, 403);
    assert.equal((await ann.send('GET', `${root}/members`)).code, 403);
    const escalation = await ann.send('POST', bindings, { ...binding, metadata: { name: 'more' } });
    assert.equal(escalation.code, 403);
  });
});
