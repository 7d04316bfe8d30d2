import assert from 'node:assert/strict';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { findMember, stopMember } from '../../scripts/lab/member-process.ts';
import { waitUntilServing } from '../../scripts/lab/wait-until-serving.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { waitUntilDatabaseIsClosed } from '../support/wait-for-database.ts';

describe('cluster: a member without its database', function () {
  this.timeout(clusterTimeoutMs);
  const open3 = useTestCluster({ name: 'reseed', subnet: 21, members: 3 });
  const member = (index: number): LabMember => open3().lab.member(index);

  it('fills a replica anew whose log is damaged', async () => {
    const third = member(3);
    await waitForVoters(['n1', 'n2', 'n3']);
    const before = await idOf(third);
    await open3().kill(third);
    await waitUntilDatabaseIsClosed(third);
    await spoilLog(third);
    await open3().lab.start(third);
    await waitForNewId(third, before);
    await waitForVoters(['n1', 'n2', 'n3']);
    assert.equal((await listSetAside(third)).length, 1);
    await assertServesOldAndNew(3, 'after-damage');
  });

  it('fills a replica anew whose directory is gone', async () => {
    const second = member(2);
    const before = await idOf(second);
    await open3().kill(second);
    await waitUntilDatabaseIsClosed(second);
    await rm(path.join(second.dataDirectory, 'dqlite'), { recursive: true });
    await open3().lab.start(second);
    await waitForNewId(second, before);
    await waitForVoters(['n1', 'n2', 'n3']);
    await assertServesOldAndNew(2, 'after-loss');
  });

  it('tells a removed member that was down meanwhile, and it stays down', async () => {
    const third = member(3);
    await stopMember(third);
    await open3().kubectl(['delete', 'member', 'n3', '--wait=true', '--timeout=60s']);
    await open3().lab.start(third);
    await eventually('n3 has ended', 30_000, async () => {
      assert.equal(await findMember(third), undefined);
    });
    const log = await readFile(third.logFile, 'utf8');
    assert.match(log, /can neither vote nor serve: member n[12] says that this member was removed/);
    // Nobody had to say --force: it had nothing, and cleans up by itself now.
    assert.match(log, /This host is clean again/);
  });

  it('tells a removed member that runs', async () => {
    const second = member(2);
    await open3().kubectl(['delete', 'member', 'n2', '--wait=true', '--timeout=60s']);
    await eventually('n2 has ended', 30_000, async () => {
      assert.equal(await findMember(second), undefined);
    });
    assert.match(await readFile(second.logFile, 'utf8'), /says that this member was removed/);
  });

  /** The role in the Member is that of before until the leader has looked, so first comes what changes for certain. */
  async function waitForNewId(one: LabMember, before: string): Promise<void> {
    await eventually(`${one.name} has a new id`, 60_000, async () => {
      assert.notEqual(await idOf(one), before);
    });
    await waitUntilServing(one);
    await eventually(`${one.name} holds the database again`, 60_000, async () => {
      const log = path.join(one.dataDirectory, 'dqlite');
      assert(
        (await readdir(log)).some((name) => name.startsWith('open-')),
        'no log yet',
      );
    });
  }

  async function waitForVoters(names: readonly string[]): Promise<void> {
    await eventually(`${names.join(', ')} hold the database`, 60_000, async () => {
      const { items } = await open3().getJson<{ items: Member[] }>(['members']);
      const voters = items.filter(
        ({ status }) => status?.databaseRole === 'voter' && status.state === 'Online',
      );
      assert.deepEqual(
        voters.map(({ metadata }) => metadata.name),
        names,
      );
    });
  }

  async function assertServesOldAndNew(index: number, name: string): Promise<void> {
    await open3().kubectl(['create', 'configmap', name], { member: index });
    const listed = await open3().kubectl(['get', 'configmaps,namespaces', '-o', 'name'], { member: index });
    assert.match(listed, new RegExp(`configmap/${name}`));
    assert.match(listed, /namespace\/muster-system/);
  }
});

async function idOf({ dataDirectory }: LabMember): Promise<string> {
  const config = JSON.parse(await readFile(path.join(dataDirectory, 'config.json'), 'utf8')) as {
    id: string;
  };
  return config.id;
}

async function listSetAside({ dataDirectory }: LabMember): Promise<string[]> {
  return (await readdir(dataDirectory)).filter((name) => name.startsWith('dqlite.set-aside-'));
}

/** Garbage a little behind the beginning of the newest file of the log: what follows it is whole. */
async function spoilLog({ dataDirectory }: LabMember): Promise<void> {
  const directory = path.join(dataDirectory, 'dqlite');
  const newest =
    (await readdir(directory)).filter((name) => /^(open-|\d{16}-)/.test(name)).toSorted()[0] ?? '';
  const file = await open(path.join(directory, newest), 'r+');
  await file.write(Buffer.alloc(300, 0xa5), 0, 300, 60);
  await file.close();
}
