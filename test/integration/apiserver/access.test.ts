import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../../src/base/clock.ts';
import { createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, type TestTls, startTestApiServer } from '../../support/api-server.ts';
import { createTestPki } from '../../support/certificates.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const group = 'rbac.authorization.k8s.io';
const rbac = `/apis/${group}/v1`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };

describe('apiserver access over HTTPS', () => {
  let server: TestApiServer;
  let removedMember = '';

  before(async () => {
    server = await startTestApiServer({ isMemberKey: (name) => name !== removedMember });
  });
  after(() => server.close());

  async function ask(tls: Partial<TestTls>, path: string, headers: Record<string, string> = {}) {
    const api = createTestClient(server.url, { caPem: server.pki.caPem, ...tls });
    try {
      const { code, body } = await api.send('GET', path, undefined, headers);
      return [code, body.message];
    } finally {
      await api.close();
    }
  }

  it('lets a stranger see the health and nothing else', async () => {
    assert.deepEqual(await ask({}, '/livez'), [200, undefined]);
    assert.deepEqual(await ask({}, configMaps), [
      403,
      'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" ' +
        'in the namespace "default"',
    ]);
    assert.deepEqual(await ask({}, '/metrics'), [
      403,
      'forbidden: User "system:anonymous" cannot get path "/metrics"',
    ]);
  });

  it('refuses certificates of another authority, and tokens', async () => {
    const foreign = await (await createTestPki()).issueClient('admin', ['system:masters']);
    assert.deepEqual(await ask(foreign, '/livez'), [401, 'Unauthorized']);
    assert.deepEqual(await ask({}, '/livez', { authorization: 'Bearer x' }), [401, 'Unauthorized']);
  });

  it('knows a member by its certificate until its key is removed', async () => {
    const member = await server.pki.issueMember('member-2');
    assert.deepEqual(await ask(member, '/apis/muster.dev/v1alpha1/members'), [200, undefined]);
    removedMember = 'member-2';
    assert.deepEqual(await ask(member, '/apis/muster.dev/v1alpha1/members'), [401, 'Unauthorized']);
  });

  it('gives people what roles give them, by name if need be', async () => {
    const admin = createTestClient(server.url, server.adminTls);
    const role = {
      metadata: { name: 'one' },
      rules: [
        { verbs: ['get', 'watch', 'list'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'] },
      ],
    };
    const binding = {
      metadata: { name: 'one' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'one' },
    };
    await admin.send('POST', configMaps, { metadata: { name: 'a' } });
    await admin.send('POST', `${rbac}/namespaces/default/roles`, role);
    await admin.send('POST', `${rbac}/namespaces/default/rolebindings`, binding);
    await admin.close();
    const reader = await server.tlsFor('rita', ['readers']);
    const codes = await Promise.all([
      ask(reader, `${configMaps}/a`),
      ask(reader, `${configMaps}/b`),
      ask(reader, configMaps),
      ask(reader, `${configMaps}?fieldSelector=metadata.name%3Da`),
    ]);
    assert.deepEqual(
      codes.map(([code]) => code),
      [200, 403, 403, 200],
    );
  });

  it('lets nobody grant what they do not have', async () => {
    const admin = createTestClient(server.url, server.adminTls);
    const rules = [{ verbs: ['*'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'] }];
    await admin.send('POST', `${rbac}/clusterroles`, {
      metadata: { name: 'writer' },
      rules: [{ ...rules[0], verbs: ['create'] }],
    });
    await admin.send('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: 'writer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'walt' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'writer' },
    });
    await admin.close();
    const walt = createTestClient(server.url, await server.tlsFor('walt'));
    const more = await walt.send('POST', `${rbac}/clusterroles`, { metadata: { name: 'more' }, rules });
    const same = await walt.send('POST', `${rbac}/clusterroles`, {
      metadata: { name: 'same' },
      rules: [{ ...rules[0], verbs: ['create'] }],
    });
    await walt.close();
    assert.deepEqual([more.code, same.code], [403, 201]);
    assert.match(more.body.message, /attempting to grant RBAC permissions not currently held/);
  });

  it('lets nobody widen a role by aggregation beyond what they have', async () => {
    const admin = createTestClient(server.url, server.adminTls);
    await admin.send('POST', `${rbac}/clusterroles`, {
      metadata: { name: 'tuner' },
      rules: [{ verbs: ['update', 'patch'], apiGroups: [group], resources: ['clusterroles'] }],
    });
    await admin.send('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: 'tuner' },
      subjects: [{ apiGroup: group, kind: 'User', name: 'tess' }],
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'tuner' },
    });
    const tess = createTestClient(server.url, await server.tlsFor('tess'));
    const wider = { aggregationRule: { clusterRoleSelectors: [{}] } };
    const refused = await tess.send('PATCH', `${rbac}/clusterroles/tuner`, wider, mergePatch);
    const label = { metadata: { labels: { by: 'tess' } } };
    const harmless = await tess.send('PATCH', `${rbac}/clusterroles/tuner`, label, mergePatch);
    const byAdmin = await admin.send('PATCH', `${rbac}/clusterroles/tuner`, wider, mergePatch);
    await Promise.all([admin.close(), tess.close()]);
    assert.deepEqual([refused.code, harmless.code, byAdmin.code], [403, 200, 200]);
    assert.match(refused.body.message, /not currently held:\n\{APIGroups:\["\*"\]/);
  });

  it('ends the watch of somebody who may not watch any more', async () => {
    const quick = { ...systemClock, after: (ms: number, run: () => void) => systemClock.after(ms / 20, run) };
    const own = await startTestApiServer({ clock: quick });
    const admin = createTestClient(own.url, own.adminTls);
    const wanda = createTestClient(own.url, await own.tlsFor('wanda'));
    try {
      const bindings = `${rbac}/namespaces/default/rolebindings`;
      await admin.send('POST', bindings, {
        metadata: { name: 'wanda' },
        subjects: [{ apiGroup: group, kind: 'User', name: 'wanda' }],
        roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'view' },
      });
      await admin.send('POST', configMaps, { metadata: { name: 'first' } });
      const seen: string[] = [];
      for await (const { object } of wanda.watch(`${configMaps}?watch=1`, AbortSignal.timeout(20_000))) {
        const { name } = object['metadata'] as { name: string };
        if (seen.push(name) === 1) await admin.send('DELETE', `${bindings}/wanda`);
      }
      assert.equal(seen.length, 1);
    } finally {
      await Promise.all([admin.close(), wanda.close()]);
      await own.close();
    }
  });

  it('lets who may impersonate count as another, and nobody else', async () => {
    const asRita = { 'impersonate-user': 'rita', 'impersonate-group': 'readers' };
    assert.equal((await ask(server.adminTls, `${configMaps}/a`, asRita))[0], 200);
    assert.equal((await ask(server.adminTls, configMaps, asRita))[0], 403);
    assert.deepEqual(await ask(await server.tlsFor('bob'), configMaps, asRita), [
      403,
      'users "rita" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    ]);
  });

  it('serves connections that others have accepted, with bytes already read', async () => {
    const door = createServer((socket: Socket) => {
      socket.once('data', (hello) => {
        socket.pause();
        socket.unshift(hello);
        server.server.handleConnection(socket, { address: '192.0.2.1', port: 5 });
      });
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const { port } = door.address() as AddressInfo;
    const api = createTestClient(`https://127.0.0.1:${port}`, server.adminTls);
    const overHttp2 = await api.send('GET', `${configMaps}/a`);
    const overHttp1 = await getOverHttp1(`https://127.0.0.1:${port}${configMaps}/a`, server.adminTls);
    await api.close();
    door.close();
    assert.deepEqual([overHttp2.code, overHttp1], [200, 200]);
  });

  it('is ready only while the store has a leader', async () => {
    server.store.setLeadership(undefined, undefined);
    const api = createTestClient(server.url, server.adminTls);
    const { code, text } = await api.send('GET', '/readyz');
    server.store.setLeadership(2, 'member-1');
    const again = await api.send('GET', '/readyz');
    await api.close();
    assert.deepEqual([code, again.code], [500, 200]);
    assert.match(text, /\[-\]leader failed: the store has no leader that this member knows of/);
  });
});

function getOverHttp1(url: string, { caPem, certPem, keyPem }: TestTls): Promise<number | undefined> {
  const agent = new Agent({ ca: caPem, cert: certPem, key: keyPem, servername: 'localhost' });
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      response.resume().on('end', () => {
        resolve(response.statusCode);
      });
    })
      .on('error', reject)
      .end();
  });
}
