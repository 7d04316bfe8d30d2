import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { secrets } from '../../../src/api/builtin.ts';
import { decodeJoinToken } from '../../../src/api/join-token.ts';
import { members } from '../../../src/api/generated/resources.ts';
import { describeDataDir } from '../../../src/daemon/data-dir.ts';
import {
  DaemonCluster,
  eventually,
  findFreePort,
  runMusterd,
  type CommandOutcome,
} from '../../support/daemon-cluster.ts';

const { signal } = new AbortController();
const password = 'four words and a number 7';
const cliFile = path.join(import.meta.dirname, '../../../src/cli/main.ts');

describe('daemon: trust password', function () {
  this.timeout(60_000);
  let cluster: DaemonCluster;
  let fingerprint: string;

  before(async () => {
    cluster = await DaemonCluster.create();
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 0, stderr);
    await cluster.start('n1');
    await eventually('n1 is online', async () => {
      const member = await cluster.api('n1').get(members, { name: 'n1' }, signal);
      return member?.status?.state === 'Online' ? member : undefined;
    });
    const pem = await readFile(describeDataDir(cluster.dataDir('n1')).clusterCert, 'utf8');
    fingerprint = new X509Certificate(pem).fingerprint256;
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  function muster(args: readonly string[], input = ''): Promise<CommandOutcome> {
    const { adminKubeconfig } = describeDataDir(cluster.dataDir('n1'));
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [cliFile, '--kubeconfig', adminKubeconfig, ...args], {
        timeout: 30_000,
      });
      const texts = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, ...texts }));
      child.stdin.end(input);
    });
  }

  async function join(name: string, input: string, known: string | undefined = fingerprint) {
    const { address: member } = await cluster.config('n1');
    const own = `127.0.0.1:${await findFreePort()}`;
    const flags = ['--data-dir', cluster.dataDir(name), '--name', name, '--address', own, '--no-run'];
    const trust = ['--trust-password-stdin', '--address-of-member', member];
    const confirmed = known === '' ? [] : ['--fingerprint', known];
    return runMusterd(['join', ...flags, ...trust, ...confirmed], input);
  }

  it('takes no password while none is set', async () => {
    const { code, stderr } = await join('n2', password);
    assert.equal(code, 1);
    assert.match(stderr, /the cluster refused: the cluster does not take this password/);
  });

  it('takes it from standard input only, refuses a short one, and keeps a hash', async () => {
    const given = await muster(['cluster', 'set', 'core.trust_password', password]);
    assert.deepEqual([given.code, given.stderr.includes(password)], [2, false]);
    const short = await muster(['cluster', 'set', 'core.trust_password'], 'short\n');
    assert.match(short.stderr, /8 characters or more/);
    assert.equal((await muster(['cluster', 'get', 'core.trust_password'])).stdout, 'false\n');

    const { code, stderr } = await muster(['cluster', 'set', 'core.trust_password'], `${password}\n`);
    assert.equal(code, 0, stderr);
    const place = { namespace: 'muster-system', name: 'trust-password' };
    const stored = await cluster.api('n1').get(secrets, place, signal);
    const text = Buffer.from(stored?.data?.['scrypt'] ?? '', 'base64').toString();
    assert.match(text, /^[0-9a-f]{192}$/);
    assert.equal((await muster(['cluster', 'get', 'core.trust_password'])).stdout, 'true\n');
  });

  it('sends it to nobody whom the fingerprint does not name, and asks where none is given', async () => {
    const other = await join('n2', password, '0'.repeat(64));
    assert.match(other.stderr, /presents another certificate than the one with the fingerprint 000/);
    const none = await join('n2', password, '');
    assert.match(none.stderr, /Cluster fingerprint: [0-9a-f]{64}/);
    assert.match(none.stderr, /nobody is there to confirm it: pass --fingerprint/);
  });

  it('shows "muster init" the fingerprint, and the token that the password is good for', async () => {
    const { address: member } = await cluster.config('n1');
    const base = ['join', '--data-dir', cluster.dataDir('n2'), '--address', 'localhost:8443'];
    const shown = await runMusterd([...base, '--address-of-member', member, '--show-fingerprint']);
    assert.equal(shown.stdout.trim(), fingerprint.replaceAll(':', '').toLowerCase());
    const trust = ['--trust-password-stdin', '--address-of-member', member, '--fingerprint', fingerprint];
    const { stdout } = await runMusterd([...base, ...trust, '--name', 'n2', '--show-token'], password);
    assert.equal(decodeJoinToken(stdout.trim()).serverName, 'n2');
    const nobody = ['--address-of-member', `127.0.0.1:${await findFreePort()}`, '--show-fingerprint'];
    const { code, stderr } = await runMusterd([...base, ...nobody]);
    assert.equal(code, 1);
    assert.match(stderr, /cannot connect to 127\.0\.0\.1:\d+/);
  });

  it('lets a host in, and says nothing of the password', async () => {
    const { code, stdout, stderr } = await join('n2', `${password}\n`);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /joined cluster .* as n2/);
    assert.equal((stdout + stderr).includes(password), false);
  });

  it('makes who guesses wait', async () => {
    const outcomes: string[] = [];
    const isSlowedDown = (): boolean =>
      outcomes.some((outcome) => /too many wrong passwords: try again in \d+ s/.test(outcome));
    // The wait doubles with each guess, and is over before the next one as long as a guess takes longer than that.
    while (outcomes.length < 10 && !isSlowedDown()) {
      outcomes.push((await join('n3', `wrong ${outcomes.length}`)).stderr);
    }
    for (const outcome of outcomes.slice(0, 3)) assert.match(outcome, /does not take this password/);
    assert.equal(isSlowedDown(), true, outcomes.join('\n'));
  });

  it('ends when it is unset', async () => {
    assert.equal((await muster(['cluster', 'unset', 'core.trust_password'])).code, 0);
    assert.equal((await muster(['cluster', 'get', 'core.trust_password'])).stdout, 'false\n');
  });
});
