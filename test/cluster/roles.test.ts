import assert from 'node:assert/strict';

import {
  eventually,
  startTestCluster,
  waitForMembers,
  writeContexts,
  type TestCluster,
} from '../support/cluster.ts';
import { countRoles, findLeader, listMembers, waitForRoles } from '../support/member-roles.ts';

describe('cluster: database roles', () => {
  let cluster: TestCluster;
  let isUp = false;

  before(async () => {
    cluster = await startTestCluster({ name: 'roles', subnet: 13, members: 5 });
    isUp = true;
  });

  after(async () => {
    if (isUp) await cluster.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await cluster.printLogs();
  });

  it('gives five members three voters and two stand-bys', async () => {
    await waitForRoles(cluster, { 'database-leader': 1, 'database-standby': 2, 'database-voter': 2 });
  });

  it('leaves the sixth member a spare', async () => {
    await cluster.lab.up(6);
    await writeContexts(cluster);
    await waitForMembers(cluster, 6);
    await waitForRoles(cluster, {
      'database-leader': 1,
      'database-standby': 2,
      'database-voter': 2,
      spare: 1,
    });
    const table = await cluster.kubectl(['get', 'members'], { member: 6 });
    assert.match(table, /^n6\s+Online/m);
  });

  it('gives a stand-by the role of a voter that was killed, within 30 s', async () => {
    const { leader } = await findLeader(cluster);
    const members = await listMembers(cluster);
    const voter = members.find(({ status }) => status?.roles?.includes('database-voter'));
    const victim = (await cluster.lab.listMembers()).find(({ name }) => name === voter?.metadata.name);
    assert(victim !== undefined, 'no voter beside the leader');
    await cluster.kill(victim);
    const asked = Number(leader.name.slice(1));
    await eventually('stand-by in the place of the voter', 30_000, async () => {
      const seen = await listMembers(cluster, asked);
      const killed = seen.find(({ metadata }) => metadata.name === victim.name);
      assert.equal(killed?.status?.state, 'Offline');
      assert.deepEqual(killed.status.roles?.filter((role) => role.startsWith('database-')) ?? [], []);
      assert.deepEqual(countRoles(seen), {
        'database-leader': 1,
        'database-standby': 2,
        'database-voter': 2,
        spare: 1,
      });
    });
  });
});
