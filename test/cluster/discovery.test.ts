import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ensureHub, ensureMemberNetwork } from '../../scripts/lab/host-network.ts';
import { createLab } from '../../scripts/lab/lab.ts';
import { onHostOf } from '../../scripts/lab/member-process.ts';
import { identifyProcess } from '../../scripts/lab/processes.ts';
import { tryCommand } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { claimDirectory, type ClaimedDirectory } from '../support/claim-directory.ts';
import { eventually } from '../support/eventually.ts';
import { assertNothingLeft } from '../support/host-state.ts';

const muster = path.join(import.meta.dirname, '..', '..', 'build', 'bin', 'muster');

/** A command that goes on, with what it has said so far. */
interface Session {
  readonly child: ChildProcess;
  readonly said: () => string;
}

describe('cluster: muster init --discover', function () {
  this.timeout(120_000);
  let claim: ClaimedDirectory;
  let lab: ReturnType<typeof createLab>;
  const sessions: Session[] = [];

  before(async () => {
    claim = await claimDirectory('disco');
    lab = createLab({ name: 'disco', subnet: 27, directory: path.join(claim.directory, 'members') });
    await lab.purge();
    await mkdir(claim.directory, { recursive: true, mode: 0o711 });
    await ensureHub(lab.spec);
    for (const number of [1, 2, 3]) await ensureMemberNetwork(lab.spec, lab.member(number));
  });

  after(async () => {
    for (const { child } of sessions) child.kill('SIGKILL');
    const members = await lab.listMembers();
    for (const member of members) await noteProcess(member);
    await lab.purge();
    await assertNothingLeft(lab.spec, members);
    await rm(claim.directory, { recursive: true, force: true });
    await claim.release();
  });

  const started = new Map<string, string>();

  /** The member outlives the command; the lab has to know it to end it. */
  async function noteProcess(member: LabMember): Promise<void> {
    const pid = started.get(member.name);
    if (pid === undefined) return;
    await writeFile(member.pidFile, JSON.stringify(await identifyProcess(Number(pid))));
  }

  function start(member: LabMember, args: readonly string[], input: string): Session {
    const [program, ...rest] = onHostOf(member, [muster, ...args, '--data-dir', member.dataDirectory]);
    const child = spawn(program, rest, { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const pid = /started as process (\d+)/.exec(said)?.[1];
      if (pid !== undefined) started.set(member.name, pid);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const session = { child, said: () => said };
    sessions.push(session);
    return session;
  }

  function joinBy(number: number, passphrase: string): Session {
    const member = lab.member(number);
    const args = ['join', '--discover', '--name', `host-${number}`, '--address', member.address];
    return start(member, args, `${passphrase}\n`);
  }

  async function endOf({ child, said }: Session): Promise<number | null> {
    if (child.exitCode === null) await once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
    assert.notEqual(said(), '');
    return child.exitCode;
  }

  it('lets two hosts in that know its passphrase, and nobody else', async () => {
    for (const number of [1, 2, 3]) {
      await mkdir(path.dirname(lab.member(number).dataDirectory), { recursive: true, mode: 0o711 });
    }
    const first = lab.member(1);
    const preseed = `cluster: {enabled: true, server_name: first}\nconfig: {core.https_address: "${first.address}"}\n`;
    const session = start(first, ['init', '--preseed', '-', '--discover', '--yes', '--expect', '2'], preseed);
    const passphrase = await eventually('the passphrase', 60_000, () => {
      const words = /^Passphrase: (.+)$/m.exec(session.said())?.[1];
      assert(words !== undefined, session.said());
      return Promise.resolve(words);
    });

    const stranger = joinBy(2, 'babab babab babab babab');
    assert.equal(await endOf(stranger), 2, stranger.said());
    assert.match(stranger.said(), /wrong passphrase: first shows another one/);

    const joining = [2, 3].map((number) => joinBy(number, passphrase));
    for (const one of joining) assert.equal(await endOf(one), 0, one.said());
    assert.equal(await endOf(session), 0, session.said());
    assert.match(session.said(), /2 hosts have joined/);

    const kubeconfig = path.join(first.dataDirectory, 'admin.kubeconfig');
    const [program, ...rest] = onHostOf(first, [muster, '--kubeconfig', kubeconfig, 'cluster', 'list']);
    const { stdout } = await tryCommand(program, rest, { timeoutMs: 60_000 });
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split(/ +/)[0]),
      ['NAME', 'first', 'host-2', 'host-3', ''],
    );
  });
});
