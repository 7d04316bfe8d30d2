import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ensureHub, ensureMemberNetwork } from '../../scripts/lab/host-network.ts';
import { createLab } from '../../scripts/lab/lab.ts';
import { onHostOf, stopMember } from '../../scripts/lab/member-process.ts';
import { identifyProcess } from '../../scripts/lab/processes.ts';
import { tryCommand, type CommandResult } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { claimDirectory, type ClaimedDirectory } from '../support/claim-directory.ts';
import { assertNothingLeft } from '../support/host-state.ts';

const muster = path.join(import.meta.dirname, '..', '..', 'build', 'bin', 'muster');

const password = 'four words and a number 7';

describe('cluster: muster init', function () {
  this.timeout(120_000);
  let claim: ClaimedDirectory;
  let lab: ReturnType<typeof createLab>;

  before(async () => {
    claim = await claimDirectory('init');
    lab = createLab({ name: 'init', subnet: 19, directory: path.join(claim.directory, 'members') });
    await lab.purge();
    await mkdir(claim.directory, { recursive: true, mode: 0o711 });
    await ensureHub(lab.spec);
    for (const number of [1, 2, 3]) await ensureMemberNetwork(lab.spec, lab.member(number));
  });

  after(async () => {
    const members = await lab.listMembers();
    await lab.purge();
    await assertNothingLeft(lab.spec, members);
    await rm(claim.directory, { recursive: true, force: true });
    await claim.release();
  });

  function run(member: LabMember, args: readonly string[], input = ''): Promise<CommandResult> {
    const [program, ...rest] = onHostOf(member, [muster, ...args]);
    return tryCommand(program, rest, { input, timeoutMs: 60_000 });
  }

  async function init(member: LabMember, preseed: string): Promise<string> {
    await mkdir(path.dirname(member.dataDirectory), { recursive: true, mode: 0o711 });
    const args = ['init', '--preseed', '-', '--data-dir', member.dataDirectory];
    const { code, stderr } = await run(member, args, preseed);
    assert.equal(code, 0, stderr);
    // The member outlives the command; the lab has to know it to end it.
    const pid = /started as process (\d+)/.exec(stderr)?.[1];
    if (pid !== undefined) {
      await writeFile(member.pidFile, JSON.stringify(await identifyProcess(Number(pid))));
    }
    return stderr;
  }

  function cluster(member: LabMember, ...args: readonly string[]): Promise<CommandResult> {
    const kubeconfig = path.join(member.dataDirectory, 'admin.kubeconfig');
    return run(member, ['--kubeconfig', kubeconfig, 'cluster', ...args]);
  }

  const firstPreseed = (address: string): string => `
config: {core.https_address: "${address}", cluster.max_standby: 1, core.trust_password: ${password}}
networks:
- {name: musterbr0, type: bridge, config: {dns.domain: lab}}
cluster: {enabled: true, server_name: first}
`;

  it('founds a cluster of a preseed, and changes nothing when it is run again', async () => {
    const member = lab.member(1);
    const progress = await init(member, firstPreseed(member.address));
    assert.match(progress, /first is ready/);
    const again = await init(member, firstPreseed(member.address));
    assert.match(again, /holds a member already/);
    assert.match(
      again,
      /Cluster cluster: unchanged\nNetwork musterbr0: unchanged\nTrust password: unchanged/,
    );
  });

  it('lets two more hosts join at once, with a token and with the trust password', async () => {
    const { stdout: token } = await cluster(lab.member(1), 'add', 'host-2', '--quiet');
    const certificate = path.join(lab.member(1).dataDirectory, 'cluster.crt');
    const ways = [
      `cluster_token: ${token.trim()}`,
      `server_name: host-3, cluster_address: "${lab.member(1).address}", cluster_password: ${password}, ` +
        `cluster_certificate_path: ${certificate}`,
    ];
    await Promise.all(
      ways.map(async (way, index) => {
        const member = lab.member(index + 2);
        const join = `{enabled: true, server_address: "${member.address}", ${way}}`;
        assert.match(await init(member, `cluster: ${join}`), new RegExp(`host-${index + 2} is ready`));
      }),
    );
    const { stdout } = await cluster(lab.member(3), 'list');
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split(/ +/)[0]),
      ['NAME', 'first', 'host-2', 'host-3', ''],
    );
    assert.equal(stdout.match(/Fully operational/g)?.length, 3, stdout);
  });

  it('finds nothing wrong with its hosts and itself, until a member is down', async () => {
    const { dataDirectory } = lab.member(1);
    const kubeconfig = path.join(dataDirectory, 'admin.kubeconfig');
    const args = ['--kubeconfig', kubeconfig, 'doctor', '--data-dir', dataDirectory];
    const { code, stdout, stderr } = await run(lab.member(1), args);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /ok +member host-3 +Online: Fully operational/);
    await stopMember(lab.member(1));
    const stopped = await run(lab.member(1), args);
    assert.equal(stopped.code, 1);
    assert.match(stopped.stdout, /FAIL +member +first does not answer on .*\n +-> start it/);
    // It asks another member what the cluster knows; that takes some time to see the first one as offline.
    assert.match(stopped.stdout, /(FAIL|WARN) +member first +(Offline|Online, but not from here): /);
    assert.match(stopped.stdout, /ok +member host-3 +Online/);
  });

  it('explains a wrong preseed, and leaves the host as it is', async () => {
    const empty = path.join(claim.directory, 'empty');
    const wrong = 'cluster: {enabled: true, server_name: n1, nonsense: 1}';
    const { code, stderr } = await run(lab.member(1), ['init', '--preseed', '-', '--data-dir', empty], wrong);
    assert.equal(code, 2);
    assert.match(stderr, /^muster: preseed: unknown field cluster\.nonsense; there are /);
    await assert.rejects(rm(empty));
  });

  it('asks nobody who is not there', async () => {
    const { code, stderr } = await run(lab.member(1), [
      'init',
      '--data-dir',
      path.join(claim.directory, 'x'),
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /nobody is there to ask: pass --preseed FILE/);
  });
});
