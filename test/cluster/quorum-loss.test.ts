import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { onHostOf, runMusterd, stopMember } from '../../scripts/lab/member-process.ts';
import { musterdProgram } from '../../scripts/lab/musterd-program.ts';
import { tryCommand } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { waitUntilServing } from '../../scripts/lab/wait-until-serving.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { createDatabaseClient } from '../../src/consensus/engine/wire/connection.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { waitUntilDatabaseIsClosed } from '../support/wait-for-database.ts';

describe('cluster: the loss of the quorum', function () {
  this.timeout(clusterTimeoutMs);
  this.bail(true); // each goes on where the one before it ended
  const cluster = useTestCluster({ name: 'quorum', subnet: 22, members: 3 });
  const member = (index: number): LabMember => cluster().lab.member(index);
  const recover = (index: number): Promise<string> =>
    musterdCluster(member(index), ['recover-from-quorum-loss', '--yes']);

  it('names the members that hold the database, with the daemon running or not', async () => {
    await waitForVoters(['n1', 'n2', 'n3']);
    const listing = await musterdCluster(member(1), ['list-database']);
    for (const index of [1, 2, 3]) {
      assert.match(listing, new RegExp(`n${index} +${member(index).address} +voter`));
    }
  });

  it('recovers nothing while the daemon runs, or others do', async () => {
    await assert.rejects(recover(3), /The Muster daemon is running, please stop it first/);
    await stopMember(member(3));
    await assert.rejects(recover(3), /these members are running: n1 \(.*\), n2 \(/);
  });

  it('makes one survivor the cluster again', async () => {
    await cluster().lab.start(member(3));
    await waitUntilServing(member(3));
    await cluster().kubectl(['create', 'configmap', 'before'], { member: 3 });
    await eventually('n3 has the newest entry', 30_000, async () => {
      assert.equal(await lastIndexOf(member(3)), await lastIndexOf(member(1)));
    });
    for (const index of [1, 2, 3]) await cluster().kill(member(index));
    await waitUntilDatabaseIsClosed(member(2));
    await waitUntilDatabaseIsClosed(member(1));
    await copyIdentity(member(2).dataDirectory, path.join(cluster().directory, 'n2-before'));
    await rm(member(1).dataDirectory, { recursive: true });
    await recover(3);
    await cluster().lab.start(member(3));
    await waitUntilServing(member(3));
    const found = await cluster().kubectl(['get', 'configmap', 'before', '-o', 'name'], { member: 3 });
    assert.equal(found.trim(), 'configmap/before');
    await cluster().kubectl(['create', 'configmap', 'after'], { member: 3 });
  });

  it('fills the other anew, which had the majority with the lost one', async () => {
    await cluster().lab.start(member(2));
    await waitForReplica(member(2));
    await assertServesAfter(2);
    assert.equal((await listSetAside(member(2))).length, 1);
  });

  it('takes a former copy of that member for nothing but a member that has to begin anew', async () => {
    await stopMember(member(2));
    await rm(path.join(member(2).dataDirectory, 'dqlite'), { recursive: true });
    await copyIdentity(path.join(cluster().directory, 'n2-before'), member(2).dataDirectory);
    await cluster().lab.start(member(2));
    await waitForReplica(member(2));
    await assertServesAfter(2);
  });

  it('lets the lost member go', async () => {
    await cluster().kubectl(['delete', 'member', 'n1', '--timeout=60s'], { member: 3 });
    const { items } = await cluster().getJson<{ items: Member[] }>(['members'], { member: 3 });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['n2', 'n3'],
    );
    assert.doesNotMatch(
      await cluster().kubectl(['get', '--raw', '/muster/v1/raft-nodes'], { member: 3 }),
      /"n1"/,
    );
  });

  it('removes a Raft node that is left over, and no member', async () => {
    const database = await createDatabaseClient(path.join(member(3).dataDirectory, 'dqlite.sock')).connect(
      AbortSignal.timeout(10_000),
    );
    await database.addNode('4711', 'member:4711', AbortSignal.timeout(10_000));
    database.close();
    const remove = (node: string): Promise<string> =>
      musterdCluster(member(3), ['remove-raft-node', node, '--yes']);
    assert.match(await remove('4711'), /Raft node 4711 removed/);
    await assert.rejects(remove('4711'), /No raft node with address "4711"/);
    await assert.rejects(remove(member(2).address), /is the member n2: delete the Member n2 instead/);
  });

  it('takes other addresses', async () => {
    const edit = async (index: number, change: (yaml: string) => string): Promise<void> => {
      const { dataDirectory } = member(index);
      const yaml = await musterdCluster(member(index), ['show']);
      const args = ['cluster', 'edit', '--data-dir', dataDirectory];
      const [command, ...rest] = onHostOf(member(index), [...musterdProgram(), ...args]);
      const result = await tryCommand(command, rest, { timeoutMs: 60_000, input: change(yaml) });
      if (result.code !== 0) throw new Error(result.stderr);
    };
    await Promise.all([stopMember(member(2)), stopMember(member(3))]);
    await assert.rejects(
      edit(3, (yaml) => yaml.replace('name: n2', 'name: other')),
      /Changing cluster member name is not supported/,
    );
    for (const index of [2, 3]) await edit(index, (yaml) => yaml.replaceAll(':8443', ':8444'));
    for (const index of [2, 3]) await cluster().lab.start(member(index));
    for (const index of [2, 3]) {
      await waitUntilServing({ ...member(index), address: member(index).address.replace('8443', '8444') });
    }
  });

  async function waitForVoters(names: readonly string[]): Promise<void> {
    await eventually(`${names.join(', ')} are voters`, 60_000, async () => {
      const { items } = await cluster().getJson<{ items: Member[] }>(['members']);
      const voters = items.filter(({ status }) => status?.databaseRole === 'voter');
      assert.deepEqual(
        voters.map(({ metadata }) => metadata.name),
        names,
      );
    });
  }

  async function assertServesAfter(index: number): Promise<void> {
    const found = await cluster().kubectl(['get', 'configmap', 'after', '-o', 'name'], { member: index });
    assert.equal(found.trim(), 'configmap/after');
  }
});

async function lastIndexOf(member: LabMember): Promise<number> {
  const listing = JSON.parse(await musterdCluster(member, ['list-database', '-o', 'json'])) as {
    readonly lastIndex: number;
  };
  return listing.lastIndex;
}

async function copyIdentity(from: string, to: string): Promise<void> {
  for (const name of ['dqlite', 'config.json', 'peers.json', 'database.id']) {
    await cp(path.join(from, name), path.join(to, name), { recursive: true });
  }
}

function musterdCluster(member: LabMember, args: readonly string[]): Promise<string> {
  return runMusterd(member, ['cluster', ...args, '--data-dir', member.dataDirectory]);
}

async function waitForReplica(member: LabMember): Promise<void> {
  await waitUntilServing(member);
  await eventually(`${member.name} holds the database`, 60_000, async () => {
    const log = await readFile(member.logFile, 'utf8');
    assert.match(log.slice(log.lastIndexOf('"starting"')), /begins with an empty database/);
    const listing = JSON.parse(await musterdCluster(member, ['list-database', '-o', 'json'])) as {
      nodes: readonly { name: string; role: string }[];
    };
    assert.equal(listing.nodes.find(({ name }) => name === member.name)?.role === 'spare', false);
    assert(listing.nodes.length > 0, 'no log yet');
  });
}

async function listSetAside({ dataDirectory }: LabMember): Promise<string[]> {
  return (await readdir(dataDirectory)).filter((name) => name.startsWith('dqlite.set-aside-'));
}
