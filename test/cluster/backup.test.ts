import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { findMember, runMusterd, stopMember } from '../../scripts/lab/member-process.ts';
import { tryCommand, type CommandResult } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { waitUntilServing } from '../../scripts/lab/wait-until-serving.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { clusterTimeoutMs, useTestCluster, writeContexts } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { waitUntilDatabaseIsClosed } from '../support/wait-for-database.ts';

const cli = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

describe('cluster: backup and restore', function () {
  this.timeout(clusterTimeoutMs);
  this.bail(true); // each goes on where the one before it ended
  const cluster = useTestCluster({ name: 'backup', subnet: 23, members: 3 });
  const member = (index: number): LabMember => cluster().lab.member(index);
  const file = (): string => path.join(cluster().directory, 'cluster.tar');

  function muster(index: number, args: readonly string[]): Promise<CommandResult> {
    const env = { ...process.env, KUBECONFIG: path.join(member(index).dataDirectory, 'admin.kubeconfig') };
    return tryCommand(process.execPath, [cli, ...args], { env, timeoutMs: 60_000 });
  }

  function restore(index: number, from: string): Promise<string> {
    const { name, dataDirectory, address } = member(index);
    const flags = ['--data-dir', dataDirectory, '--name', name, '--address', address];
    return runMusterd(member(index), ['cluster', 'restore', from, ...flags]);
  }

  it('takes a backup through any member, in one file with a manifest', async () => {
    await cluster().kubectl(['create', 'configmap', 'kept', '--from-literal=a=b']);
    const { code, stdout, stderr } = await muster(3, ['backup', file()]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /wrote .*cluster\.tar: cluster .* at revision \d+ \(\d+ entries\)/);
    const listed = await tryCommand('tar', ['tf', file()], { timeoutMs: 10_000 });
    assert.deepEqual(listed.stdout.trim().split('\n').toSorted(), [
      ...['cluster.crt', 'cluster.key', 'manifest.json', 'store.jsonl'],
    ]);
  });

  it('gives it to nobody without the right', async () => {
    const refusal = await cluster().tryKubectl(['get', '--raw', '/muster/v1/backup', '--as', 'eve']);
    assert.match(refusal.stderr, /User "eve" cannot get path "\/muster\/v1\/backup"/);
  });

  it('refuses a file that is cut off, changed, or no backup, and leaves nothing behind', async () => {
    await cluster().kubectl(['create', 'configmap', 'too-late']);
    for (const index of [1, 2, 3]) await cluster().kill(member(index));
    for (const index of [1, 3]) await waitUntilDatabaseIsClosed(member(index));
    await rm(member(1).dataDirectory, { recursive: true });
    await rm(member(3).dataDirectory, { recursive: true });
    const whole = await readFile(file());
    const wrong = path.join(cluster().directory, 'wrong.tar');
    const changed = Buffer.from(whole);
    changed[Math.floor(whole.length / 2)] = 0x23;
    for (const [content, want] of [
      [whole.subarray(0, whole.length / 2), /cannot be restored: it ends after \d+ bytes, in the middle of/],
      [changed, /cannot be restored: it was changed or damaged: store\.jsonl does not have the checksum/],
      [Buffer.from('rubbish'.repeat(200)), /cannot be restored: it is not a tar archive/],
    ] as const) {
      await writeFile(wrong, content);
      await assert.rejects(restore(1, wrong), want);
    }
  });

  it('brings the cluster up on a host that has nothing', async () => {
    await restore(1, file());
    await cluster().lab.start(member(1));
    await waitUntilServing(member(1));
    await writeContexts(cluster());
    const kept = await cluster().kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}']);
    assert.equal(kept, 'b');
    const late = await cluster().tryKubectl(['get', 'configmap', 'too-late']);
    assert.match(late.stderr, /NotFound/);
    await cluster().kubectl(['create', 'configmap', 'after']);
  });

  it('tells a member of before that its cluster is over', async () => {
    await cluster().lab.start(member(2));
    await eventually('n2 has ended', 30_000, async () => {
      assert.equal(await findMember(member(2)), undefined);
    });
    const log = await readFile(member(2).logFile, 'utf8');
    assert.match(
      log,
      /founded anew without this member: it is in epoch \d+, and this member belongs to epoch 1/,
    );
  });

  it('lets other hosts join, under names of before too', async () => {
    await stopMember(member(3));
    await cluster().lab.add(member(3), member(1));
    await waitUntilServing(member(3));
    await writeContexts(cluster());
    const after = await cluster().kubectl(['get', 'configmap', 'after', '-o', 'name'], { member: 3 });
    assert.equal(after.trim(), 'configmap/after');
    await eventually('n1 and n3 are online', 30_000, async () => {
      const { items } = await cluster().getJson<{ items: Member[] }>(['members']);
      const online = items.filter(({ status }) => status?.state === 'Online');
      assert.deepEqual(
        online.map(({ metadata }) => metadata.name),
        ['n1', 'n3'],
      );
    });
  });
});
