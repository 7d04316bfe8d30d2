import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clusterGroups, members } from '../../../src/api/generated/resources.ts';
import { createClusterApi, type ClusterApiConnection } from '../../../src/runtime/create-cluster-api.ts';
import { startTestApiServer, type TestApiServer } from '../../support/api-server.ts';

const main = path.join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'main.ts');
// mocha's limit for each test ends what hangs; a limit for the whole file would depend on the files before it.
const { signal } = new AbortController();

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('cli: muster cluster', function () {
  this.timeout(60_000);
  let server: TestApiServer;
  let clusterApi: ClusterApiConnection;
  let directory: string;

  before(async () => {
    server = await startTestApiServer();
    clusterApi = createClusterApi({ server: server.url, ...server.adminTls });
    directory = await mkdtemp(path.join(tmpdir(), 'muster-cli-'));
    await writeFile(path.join(directory, 'kubeconfig'), formatKubeconfig(server), { mode: 0o600 });
    for (const [name, address] of [
      ['n1', '192.0.2.1:8443'],
      ['n2', '192.0.2.2:8443'],
    ] as const) {
      const { apiVersion, kind } = members;
      await clusterApi.create(members, { apiVersion, kind, metadata: { name }, spec: { address } }, signal);
      const joined = { status: { id: name.slice(1) } };
      await clusterApi.mergePatch(members, { name }, joined, { subresource: 'status' }, signal);
    }
  });

  after(async () => {
    await clusterApi.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });

  function muster(args: readonly string[], input = ''): Promise<Result> {
    const env = { ...process.env, KUBECONFIG: path.join(directory, 'kubeconfig') };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [main, ...args],
        { env, timeout: 30_000 },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
      child.stdin?.end(input);
    });
  }

  async function run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await muster(args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async function refuse(args: readonly string[], message: RegExp, input?: string): Promise<void> {
    const { code, stderr } = await muster(args, input);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }

  it('lists and shows the members', async () => {
    assert.match(await run('cluster', 'list'), /^NAME +URL .*\nn1 +https:\/\/192\.0\.2\.1:8443 /);
    assert.match(await run('cluster', 'show', 'n2'), /^apiVersion: muster\.dev\/v1alpha1\nkind: Member\n/);
    assert.match((await muster(['cluster', 'show'])).stderr, /the cluster has no Cluster object yet/);
    await refuse(['cluster', 'show', 'n3'], /member "n3" does not exist; the members are n1, n2/);
  });

  it('makes, lists and revokes join tokens', async () => {
    const token = await run('cluster', 'add', 'n9', '--quiet');
    assert.match(token, /^[\w+/=]+\n$/);
    assert.match(await run('cluster', 'list-tokens'), /n9 +20\S+Z +unused/);
    await run('cluster', 'revoke-token', 'n9');
    assert.doesNotMatch(await run('cluster', 'list-tokens'), /n9/);
    await refuse(['cluster', 'revoke-token', 'n9'], /there is no join token for a member named n9/);
    await refuse(['cluster', 'add', 'n1'], /already has a member named n1/);
  });

  it('gives and takes roles and settings', async () => {
    await run('cluster', 'role', 'add', 'n1', 'control-plane,ovn-chassis');
    await run('cluster', 'role', 'remove', 'n1', 'ovn-chassis');
    await run('cluster', 'set', 'n1', 'scheduler.instance', 'manual');
    await run('cluster', 'set', 'n1', 'user.rack', '7');
    await run('cluster', 'failure-domain', 'set', 'n1', 'az2');
    assert.equal(await run('cluster', 'failure-domain', 'get', 'n1'), 'az2\n');
    const stored = await clusterApi.get(members, { name: 'n1' }, signal);
    assert.deepEqual(stored?.spec, {
      address: '192.0.2.1:8443',
      roles: ['control-plane'],
      scheduling: 'manual',
      config: { 'user.rack': '7' },
      failureDomain: 'az2',
    });
    await run('cluster', 'unset', 'n1', 'user.rack');
    await run('cluster', 'failure-domain', 'unset', 'n1');
    assert.equal(await run('cluster', 'get', 'n1', 'user.rack'), '\n');
    assert.equal(await run('cluster', 'get', 'n1', 'failure_domain'), 'default\n');
    await refuse(['cluster', 'role', 'add', 'n1', 'database-voter'], /assigned automatically/);
    await refuse(['cluster', 'set', 'n1', 'nonsense', '1'], /no setting "nonsense"/);
  });

  it('keeps groups', async () => {
    await run('cluster', 'group', 'create', 'gpu', '--description', 'with cards');
    await run('cluster', 'group', 'create', 'default');
    await run('cluster', 'group', 'add', 'n2', 'gpu');
    assert.match(await run('cluster', 'group', 'list'), /gpu +with cards +n2\n/);
    await refuse(['cluster', 'group', 'delete', 'gpu'], /still has the members n2/);
    await run('cluster', 'group', 'remove', 'n2', 'gpu');
    await refuse(['cluster', 'group', 'remove', 'n2', 'default'], /is the only one of member "n2"/);
    await refuse(
      ['cluster', 'group', 'assign', 'n2', 'default,nope'],
      /group "nope" does not exist; the groups are/,
    );
    await run('cluster', 'group', 'delete', 'gpu');
    assert.equal(await clusterApi.get(clusterGroups, { name: 'gpu' }, signal), undefined);
  });

  it('edits from standard input, and says where what it got is wrong', async () => {
    const { code, stderr } = await muster(
      ['cluster', 'edit', 'n2'],
      'address: 192.0.2.2:8443\ndescription: back\n',
    );
    assert.equal(code, 0, stderr);
    assert.equal((await clusterApi.get(members, { name: 'n2' }, signal))?.spec.description, 'back');
    await refuse(['cluster', 'edit', 'n2'], /this is no YAML/, 'a: [1\n');
    const wrong = await muster(['cluster', 'edit', 'n2'], 'address: 192.0.2.2:8443\nscheduling: never\n');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /spec\.scheduling: Unsupported value: "never"/);
  });

  it('removes nothing by force that nobody has confirmed', async () => {
    await refuse(['cluster', 'remove', 'n2', '--force'], /nobody is there to confirm this: pass --yes/);
    assert(await clusterApi.get(members, { name: 'n2' }, signal));
  });

  it('removes a member', async () => {
    const { code, stderr } = await muster(['cluster', 'rm', 'n2']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Member n2 removed/);
  });

  it('completes words and names', async () => {
    assert.match(await run('completion', 'bash'), /complete -F _muster muster/);
    assert.match(await run('__complete', '--', 'cluster', 'r'), /^revoke-token\t/);
    assert.match(await run('__complete', '--', 'cluster', 'show', 'n'), /^n1\tmember\n/);
  });
});

function formatKubeconfig({ url, adminTls }: TestApiServer): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [
      { name: 'test', cluster: { server: url, 'certificate-authority-data': encode(adminTls.caPem) } },
    ],
    users: [
      {
        name: 'test',
        user: {
          'client-certificate-data': encode(adminTls.certPem),
          'client-key-data': encode(adminTls.keyPem),
        },
      },
    ],
  });
}
