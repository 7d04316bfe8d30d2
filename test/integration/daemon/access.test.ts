import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeAudit } from '../../../src/daemon/run/audit-options.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';

interface AuditLine {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef: { readonly resource: string; readonly name?: string };
  readonly sourceIPs: readonly string[];
}

describe('daemon: logins and the audit log', function () {
  this.timeout(60_000);
  let cluster: DaemonCluster;

  before(async () => {
    cluster = await DaemonCluster.create();
    assert.equal((await cluster.init('n1')).code, 0);
    await cluster.start('n1');
  });
  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  function muster(kubeconfig: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const program = path.join(import.meta.dirname, '../../../src/cli/main.ts');
    const env = { PATH: process.env['PATH'], KUBECONFIG: kubeconfig };
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], { env, timeout: 30_000 }, (_error, stdout, stderr) => {
        resolve({ stdout, stderr });
      });
    });
  }

  it('gives out a login whose deeds can be read afterwards, and takes it back', async () => {
    const admin = path.join(cluster.dataDir('n1'), 'admin.kubeconfig');
    const config = await eventually('login', async () => {
      const { stdout } = await muster(admin, 'auth', 'add', 'olga', '-g', 'system:masters');
      return stdout.startsWith('apiVersion') ? stdout : undefined;
    });
    assert.match(config, /name: muster-n1/);
    const file = path.join(cluster.root, 'olga.kubeconfig');
    await writeFile(file, config, { mode: 0o600 });
    const made = await muster(file, 'cluster', 'group', 'create', 'fast');
    assert.match(made.stderr, /Group fast created/);
    const log = path.join(cluster.dataDir('n1'), 'audit', 'audit.log');
    const line = await eventually('line of the audit log', async () => {
      const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
      return lines
        .map((text) => JSON.parse(text) as AuditLine)
        .find(({ objectRef }) => objectRef.resource === 'clustergroups');
    });
    assert.deepEqual([line.user.username, line.verb, line.sourceIPs], ['olga', 'create', ['127.0.0.1']]);
    await muster(admin, 'auth', 'revoke', 'olga');
    const refused = await muster(file, 'cluster', 'list');
    assert.match(refused.stderr, /Unauthorized/);
  });

  it('takes a policy from the data directory, and says what is wrong with it', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'A3-policy-'));
    try {
      assert.equal((await describeAudit({ root })).policy, undefined);
      const file = path.join(root, 'audit-policy.yaml');
      await writeFile(
        file,
        'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata, users: [olga] }]\n',
      );
      assert.equal((await describeAudit({ root })).policy?.rules.length, 1);
      await writeFile(file, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: All }]\n');
      await assert.rejects(describeAudit({ root }), /cannot use the audit policy .*audit-policy\.yaml/);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
