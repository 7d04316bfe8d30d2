import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { findMember, onHostOf, runMusterd, stopMember } from '../../scripts/lab/member-process.ts';
import { tryCommand, type CommandResult } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Member } from '../../src/api/generated/member.ts';
import type { Network } from '../../src/api/generated/network.ts';
import type { StoragePool } from '../../src/api/generated/storage-pool.ts';
import { clusterTimeoutMs, useTestCluster, waitForMembers, writeContexts } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { applyImage, buildInstance, waitUntilReady } from '../support/instances.ts';
import { findLeader, listMembers, waitForRoles } from '../support/member-roles.ts';

const six = { 'database-leader': 1, 'database-standby': 2, 'database-voter': 2, spare: 1 };
const muster = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const apiVersion = 'muster.dev/v1alpha1';

describe('cluster: membership', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({ name: 'roles', subnet: 13, members: 5 });

  const change = (name: string, spec: object, options = {}) =>
    open().kubectl(['patch', 'member', name, '--type=merge', '-p', JSON.stringify({ spec })], options);

  async function labMember(name: string | undefined): Promise<LabMember> {
    const found = (await open().lab.listMembers()).find((member) => member.name === name);
    assert(found !== undefined, `no member ${name ?? ''}`);
    return found;
  }

  /** `muster ARGS` on a host of the cluster, as its administrator. */
  function runMuster(host: LabMember, args: readonly string[]): Promise<CommandResult> {
    const [program, ...rest] = onHostOf(host, [process.execPath, muster, ...args]);
    return tryCommand(program, rest, { env: open().kubectlEnv, timeoutMs: 60_000 });
  }

  const holdersOf = (members: readonly Member[], role: string): string[] =>
    members.filter(({ status }) => status?.databaseRole === role).map(({ metadata }) => metadata.name);

  it('gives five members three voters and two stand-bys', async () => {
    await waitForRoles(open(), { 'database-leader': 1, 'database-standby': 2, 'database-voter': 2 });
    const table = await open().kubectl(['get', 'members'], { member: 5 });
    assert.equal(table.match(/^n\d +Online +database-(leader|voter) /gm)?.length, 3, table);
    assert.equal(table.match(/^n\d +Online +database-standby /gm)?.length, 2, table);
  });

  it('leaves the sixth member a spare', async () => {
    await open().lab.up(6);
    await writeContexts(open());
    await waitForMembers(open(), 6);
    await waitForRoles(open(), six);
    const table = await open().kubectl(['get', 'members'], { member: 6 });
    assert.match(table, /^n6 +Online +10\.77\./m);
  });

  it('moves a vote into a failure domain that is made while it runs', async () => {
    const [spare] = holdersOf(await listMembers(open()), 'spare');
    assert(spare !== undefined, 'no spare');
    await change(spare, { failureDomain: 'cellar' });
    await waitForRoles(open(), six, { holds: (members) => holdersOf(members, 'voter').includes(spare) });
    await change(spare, { failureDomain: null });
  });

  it('moves the votes and the leadership into a control plane, and lets all others stand by again', async () => {
    const before = await listMembers(open());
    const chosen = [...holdersOf(before, 'stand-by'), ...holdersOf(before, 'spare')];
    assert.equal(chosen.length, 3);
    for (const name of chosen) await change(name, { roles: ['control-plane'] });
    await waitForRoles(
      open(),
      { 'database-leader': 1, 'database-voter': 2, spare: 3 },
      { holds: (members) => chosen.every((name) => holdersOf(members, 'voter').includes(name)) },
    );
    for (const name of chosen) await change(name, { roles: [] });
    await waitForRoles(open(), six);
  });

  it('hands the votes of members that are stopped to others, and moves nothing when they are back', async () => {
    for (const role of ['database-voter', 'database-leader']) {
      const before = await listMembers(open());
      const holder = before.find(({ status }) => status?.roles?.includes(role));
      const stopped = await labMember(holder?.metadata.name);
      const member = stopped.name === 'n1' ? 2 : 1;
      await stopMember(stopped);
      // Long before anybody would call it offline.
      const holds = (members: readonly Member[]): boolean =>
        holdersOf(members, 'stand-by').includes(stopped.name) &&
        members.every(({ status }) => status?.state === 'Online');
      await waitForRoles(open(), six, { member, holds });
      const log = await readFile(stopped.logFile, 'utf8');
      const tookMs = /"tookMs":(\d+),"msg":"has told the others/.exec(log)?.[1];
      console.log(`      a ${role} had handed everything on after ${tookMs ?? '?'} ms`);
      const votes = holdersOf(await listMembers(open(), member), 'voter');
      await open().lab.start(stopped);
      await waitForMembers(open(), 6);
      await waitForRoles(open(), six);
      assert.deepEqual(holdersOf(await listMembers(open()), 'voter'), votes);
    }
  });

  it('goes on without a voter that was killed, and has it catch up with what it missed', async () => {
    const { leader } = await findLeader(open());
    const voter = (await listMembers(open())).find(({ status }) => status?.roles?.includes('database-voter'));
    const victim = await labMember(voter?.metadata.name);
    await open().kill(victim);
    const member = Number(leader.name.slice(1));

    const accepted = await timeEach([
      { apiVersion, kind: 'Cluster', metadata: { name: 'cluster' }, spec: { imagesMinimalReplica: 2 } },
      { apiVersion, kind: 'StoragePool', metadata: { name: 'meanwhile' }, spec: { driver: 'dir' } },
      {
        ...{ apiVersion, kind: 'Network', metadata: { name: 'mwbr0' } },
        spec: { type: 'bridge', ipv4: { address: '10.128.13.1/24' } },
      },
    ]);
    console.log(`      accepted with one member off, in ms: ${accepted.join(', ')}`);

    // The killed one becomes the spare: its place as a voter goes to a stand-by, whose place goes to the spare.
    await waitForRoles(open(), six, {
      member,
      holds: (members) =>
        members.some(({ metadata, status }) => metadata.name === victim.name && status?.state === 'Offline'),
    });
    const ready = ['--for=condition=Ready', 'storagepool/meanwhile', 'network/mwbr0', '--timeout=30s'];
    await open().kubectl(['wait', ...ready], { member });

    const startedMs = performance.now();
    await open().lab.start(victim);
    await eventually('both on the member that is back', 30_000, async () => {
      assert.deepEqual(await statesOn(victim.name, member), ['Created', 'Created']);
    });
    console.log(
      `      applied ${Math.round(performance.now() - startedMs)} ms after the start of the member`,
    );
    assert.equal((await open().onHost(victim, ['ip', 'link', 'show', 'mwbr0'])).code, 0);
    assert((await readdir(path.join(victim.dataDirectory, 'pools'))).includes('meanwhile'));
    await waitForRoles(open(), six);
  });

  async function timeEach(objects: readonly object[]): Promise<number[]> {
    const tookMs: number[] = [];
    for (const object of objects) {
      const { leader } = await findLeader(open(), 1).catch(() => findLeader(open(), 2));
      const startedMs = performance.now();
      await open().apply(object, { member: Number(leader.name.slice(1)) });
      tookMs.push(Math.round(performance.now() - startedMs));
    }
    return tookMs;
  }

  async function statesOn(name: string, member: number): Promise<(string | undefined)[]> {
    const kinds = ['storagepool/meanwhile', 'network/mwbr0'];
    const { items } = await open().getJson<{ items: (Network | StoragePool)[] }>(kinds, { member });
    return items.map(({ status }) => status?.members?.find((part) => part.name === name)?.state);
  }

  it('keeps a member that still has instances, and makes its host clean when it has left', async () => {
    const cluster = open();
    const { leader } = await findLeader(cluster);
    const asked = Number(leader.name.slice(1));
    const leaving = await labMember(
      (await cluster.lab.listMembers()).findLast(({ name }) => name !== leader.name && name !== 'n1')?.name,
    );
    await applyImage(cluster);
    await cluster.apply(buildInstance('stays', { placement: { member: leaving.name } }), { member: asked });
    await waitUntilReady(cluster, ['stays'], { member: asked });
    const refused = await runMuster(leader, ['cluster', 'remove', leaving.name]);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /still has the instances default\/stays.*--force/);
    await cluster.kubectl(['delete', 'instance', 'stays', '--timeout=30s'], { member: asked });
    const removed = await runMuster(leader, ['cluster', 'remove', leaving.name]);
    assert.equal(removed.code, 0, removed.stderr);
    assert.equal((await listMembers(cluster, asked)).length, 5);
    await eventually('no entry of it anywhere', 15_000, async () => {
      assert.deepEqual(await statesOn(leaving.name, asked), [undefined, undefined]);
    });
    await waitUntilClean(leaving);
    assert.match(
      await readFile(leaving.logFile, 'utf8'),
      /was removed from the cluster\. This host is clean again/,
    );
    await joinAgain(leaving, leader, asked);
  });

  it('keeps what is on the host of a member that was removed by force, until somebody says otherwise', async () => {
    const cluster = open();
    const { leader } = await findLeader(cluster);
    const asked = Number(leader.name.slice(1));
    const lost = await labMember(
      (await cluster.lab.listMembers()).findLast(({ name }) => name !== leader.name && name !== 'n1')?.name,
    );
    await cluster.kill(lost);
    const removed = await runMuster(leader, ['cluster', 'remove', lost.name, '--force', '--yes']);
    assert.equal(removed.code, 0, removed.stderr);
    await eventually('no entry of it anywhere', 15_000, async () => {
      assert.deepEqual(await statesOn(lost.name, asked), [undefined, undefined]);
    });
    await cluster.lab.start(lost);
    await eventually('its end', 20_000, async () => assert.equal(await findMember(lost), undefined));
    assert.match(await readFile(lost.logFile, 'utf8'), /was removed from the cluster.*musterd reset --yes/);
    assert((await readdir(path.join(lost.dataDirectory, 'pools'))).includes('meanwhile'));
    const reset = ['reset', '--data-dir', lost.dataDirectory];
    await assert.rejects(runMusterd(lost, reset), /this would remove .*; member n\d says .*Say --yes/);
    await runMusterd(lost, [...reset, '--yes']);
    await waitUntilClean(lost);
    await joinAgain(lost, leader, asked);
  });

  it('does not reset a member on which the cluster counts', async () => {
    const [member] = await open().lab.listMembers();
    assert(member !== undefined);
    const reset = runMusterd(member, ['reset', '--yes', '--data-dir', member.dataDirectory]);
    await assert.rejects(reset, /daemon is running, please stop it first/);
  });

  async function waitUntilClean(member: LabMember): Promise<void> {
    await eventually(`the host of ${member.name} to be clean`, 30_000, async () => {
      assert.equal(await findMember(member), undefined);
      const left = (await readdir(member.dataDirectory)).filter((name) => name !== 'lock.sock');
      assert.deepEqual(left.toSorted(), ['audit', 'import']);
    });
    const links = await open().onHost(member, ['ip', '-br', 'link', 'show', 'type', 'bridge']);
    assert.equal(links.stdout, '');
  }

  async function joinAgain(member: LabMember, through: LabMember, asked: number): Promise<void> {
    await open().lab.add(member, through);
    await eventually(`${member.name} back with its parts`, 30_000, async () => {
      assert.deepEqual(await statesOn(member.name, asked), ['Created', 'Created']);
    });
    await waitForRoles(open(), six, { member: asked });
  }
});
