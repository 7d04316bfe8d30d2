import assert from 'node:assert/strict';

import { clusterTimeoutMs, useTestCluster, waitForMembers, writeContexts } from '../support/cluster.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { applyImage, buildInstance, waitUntilReady } from '../support/instances.ts';
import { eventually } from '../support/eventually.ts';
import { findLeader, listMembers, waitForRoles } from '../support/member-roles.ts';

const six = { 'database-leader': 1, 'database-standby': 2, 'database-voter': 2, spare: 1 };

describe('cluster: database roles', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({ name: 'roles', subnet: 13, members: 5 });

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

  it('gives a stand-by the role of a voter that was killed, within 30 s', async () => {
    const { leader } = await findLeader(open());
    const voter = (await listMembers(open())).find(({ status }) => status?.roles?.includes('database-voter'));
    const victim = (await open().lab.listMembers()).find(({ name }) => name === voter?.metadata.name);
    assert(victim !== undefined, 'no voter beside the leader');
    await open().kill(victim);
    const member = Number(leader.name.slice(1));
    // The killed one becomes the spare: its place as a voter goes to a stand-by, whose place goes to n6.
    await waitForRoles(open(), six, {
      member,
      timeoutMs: 30_000,
      holds: (members) =>
        members.every(
          ({ metadata, status }) => (metadata.name === victim.name) === (status?.databaseRole === 'spare'),
        ),
    });
  });

  it('lets a deleted member leave the database, and not before its instances are gone', async () => {
    const cluster = open();
    const { leader } = await findLeader(cluster);
    const asked = Number(leader.name.slice(1));
    const members = await listMembers(cluster, asked);
    const spare = members.find(
      ({ status }) =>
        status?.state === 'Online' && !status.roles?.some((role) => role.startsWith('database-')),
    );
    const leaving = (spare ?? members.find(({ status }) => status?.roles?.includes('database-standby')))
      ?.metadata.name;
    assert(leaving !== undefined, 'nobody can leave');
    await applyImage(cluster);
    await cluster.apply(buildInstance('stays', { placement: { member: leaving } }), { member: asked });
    await waitUntilReady(cluster, ['stays'], { member: asked });
    await cluster.kubectl(['delete', 'member', leaving, '--wait=false'], { member: asked });
    await eventually('reason why it stays', 10_000, async () => {
      const { status } = await cluster.getJson<Member>(['member', leaving], { member: asked });
      const removed = status?.conditions?.find(({ type }) => type === 'Removed');
      assert.equal(removed?.message, 'it still has the instances default/stays');
    });
    await cluster.kubectl(['delete', 'instance', 'stays', '--timeout=30s'], { member: asked });
    await cluster.kubectl(['wait', '--for=delete', `member/${leaving}`, '--timeout=30s'], { member: asked });
    assert.equal((await listMembers(cluster, asked)).length, 5);
  });
});
