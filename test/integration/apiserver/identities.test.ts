import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { createClient, writeKubeconfig } from '../../support/run-kubectl.ts';

const root = join(import.meta.dirname, '../../..');
const identities = '/apis/muster.dev/v1alpha1/identities';
const envelope = { apiVersion: 'muster.dev/v1alpha1', kind: 'Identity' };
const rbac = 'rbac.authorization.k8s.io';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('apiserver identities and muster auth', function () {
  this.timeout(90_000);
  let folder: string;
  let server: TestApiServer;
  let admin: TestClient;
  let kubeconfig: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'A3-identities-'));
    server = await startTestApiServer();
    admin = createTestClient(server.url, server.adminTls);
    kubeconfig = writeKubeconfig(folder, server.url, server.adminTls);
    await admin.send('POST', `/apis/${rbac}/v1/namespaces/default/rolebindings`, {
      metadata: { name: 'team' },
      subjects: [{ kind: 'Group', name: 'team' }],
      roleRef: { kind: 'ClusterRole', name: 'view' },
    });
  });
  after(async () => {
    await admin.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function muster(...args: string[]): Promise<Outcome> {
    const env = { PATH: process.env['PATH'], KUBECONFIG: kubeconfig };
    const program = join(root, 'src/cli/main.ts');
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  function kubectlWith(config: string, name: string) {
    const file = join(folder, `${name}.kubeconfig`);
    writeFileSync(file, config, { mode: 0o600 });
    return createClient('kubectl', folder, ['--kubeconfig', file, '--cache-dir', join(folder, name)]);
  }

  it('prints a kubeconfig that kubectl logs in with, bound to what its groups may, until it is revoked', async () => {
    const added = await muster('auth', 'add', 'rita', '--group', 'team', '--expires', '90d');
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stderr, /^rita can log in with this kubeconfig until \d{4}-/);
    const kubectl = kubectlWith(added.stdout, 'rita');
    const { stdout: who } = await kubectl.run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo}']);
    assert.match(who, /"groups":\["team","system:authenticated"\].*"username":"rita"/);
    const list = await kubectl.run(['get', 'configmaps', '-n', 'default']);
    assert.equal(list.code, 0, list.stderr);
    const elsewhere = await kubectl.run(['get', 'configmaps', '-n', 'muster-system']);
    assert.match(elsewhere.stderr, /User "rita" cannot list resource "configmaps"/);
    const write = await kubectl.run(['create', 'configmap', 'x', '-n', 'default']);
    assert.match(write.stderr, /User "rita" cannot create resource "configmaps"/);
    assert.match((await muster('auth', 'list')).stdout, /^rita +team /m);
    assert.equal((await muster('auth', 'add', 'rita')).code, 2);
    const { code, stderr } = await muster('auth', 'revoke', 'rita');
    assert.deepEqual([code, stderr], [0, 'Every certificate of rita is void.\n']);
    const refused = await kubectl.run(['get', 'configmaps', '-n', 'default']);
    assert.match(refused.stderr, /You must be logged in|Unauthorized/);
    const again = await muster('auth', 'add', 'rita', '--group', 'team');
    assert.equal(again.code, 0);
    const old = await kubectl.run(['get', 'configmaps', '-n', 'default']);
    assert.notEqual(old.code, 0, 'the certificate of an earlier login of the same name is good again');
  });

  it('counts the groups as they are now', async () => {
    const { stdout } = await muster('auth', 'add', 'gina');
    const kubectl = kubectlWith(stdout, 'gina');
    const mayList = async () => (await kubectl.run(['get', 'configmaps', '-n', 'default'])).code === 0;
    assert.equal(await mayList(), false);
    const headers = { 'content-type': 'application/merge-patch+json' };
    await admin.send('PATCH', `${identities}/gina`, { spec: { groups: ['team'] } }, headers);
    assert.equal(await mayList(), true);
  });

  it('lets nobody make a login that is more than they may be', async () => {
    await admin.send('POST', `/apis/${rbac}/v1/clusterroles`, {
      metadata: { name: 'logins' },
      rules: [
        { verbs: ['*'], apiGroups: ['muster.dev'], resources: ['identities', 'identities/certificate'] },
        { verbs: ['impersonate'], apiGroups: [''], resources: ['users'] },
        { verbs: ['impersonate'], apiGroups: [''], resources: ['groups'], resourceNames: ['team'] },
      ],
    });
    await admin.send('POST', `/apis/${rbac}/v1/clusterrolebindings`, {
      metadata: { name: 'logins' },
      subjects: [{ kind: 'User', name: 'otto' }],
      roleRef: { kind: 'ClusterRole', name: 'logins' },
    });
    await admin.send('POST', identities, {
      ...envelope,
      metadata: { name: 'boss' },
      spec: { groups: ['system:masters'] },
    });
    const otto = createTestClient(server.url, await server.tlsFor('otto'));
    try {
      const make = (name: string, groups: string[]) =>
        otto.send('POST', identities, { ...envelope, metadata: { name }, spec: { groups } });
      assert.equal((await make('ok', ['team'])).code, 201);
      const more = await make('more', ['system:masters']);
      assert.deepEqual(
        [more.code, more.body.message],
        [
          403,
          'groups "system:masters" is forbidden: User "otto" cannot impersonate resource "groups" in API group "" at the cluster scope',
        ],
      );
      const headers = { 'content-type': 'application/merge-patch+json' };
      const patch = { spec: { groups: ['team', 'system:masters'] } };
      assert.equal((await otto.send('PATCH', `${identities}/ok`, patch, headers)).code, 403);
      const stolen = await otto.send('POST', `${identities}/boss/certificate`, { spec: { publicKey: 'x' } });
      assert.equal(stolen.code, 403);
    } finally {
      await otto.close();
    }
  });

  it('refuses groups of the cluster, keys that are none, and never repeats them', async () => {
    const member = { ...envelope, metadata: { name: 'm' }, spec: { groups: ['system:members'] } };
    assert.equal((await admin.send('POST', identities, member)).code, 422);
    await admin.send('POST', identities, { ...envelope, metadata: { name: 'keyless' }, spec: {} });
    const publicKey = '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n';
    const { code, text } = await admin.send('POST', `${identities}/keyless/certificate`, {
      spec: { publicKey },
    });
    assert.equal(code, 422);
    assert.match(text, /spec\.publicKey.*has to be a public key on the curve P-256/);
    assert.doesNotMatch(text, /MIGH/);
  });
});
