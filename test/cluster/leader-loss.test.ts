import assert from 'node:assert/strict';

import type { LabMember } from '../../scripts/lab/spec.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  applyImage,
  assertAnswers,
  buildInstance,
  listInstances,
  readInits,
  waitUntilReady,
} from '../support/instances.ts';
import { findLeader, listMembers, waitForRoles } from '../support/member-roles.ts';

describe('cluster: loss of the leader', () => {
  let cluster: TestCluster;
  let leader: LabMember;
  let other: number;
  let initsBefore: Record<string, string>;
  let isUp = false;

  before(async () => {
    cluster = await startTestCluster({ name: 'loss', subnet: 12, members: 3 });
    isUp = true;
    await applyImage(cluster);
    await waitForRoles(cluster, { 'database-leader': 1, 'database-voter': 2 });
    const names = ['old-1', 'old-2', 'old-3'];
    for (const name of names) await cluster.apply(buildInstance(name));
    for (const name of names) await waitUntilReady(cluster, name);
    ({ leader, other } = await findLeader(cluster));
    initsBefore = await readInits(await listInstances(cluster));
    await cluster.kill(leader);
  });

  after(async () => {
    if (isUp) await cluster.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await cluster.printLogs();
  });

  it('accepts a new instance through another member within 10 s', async () => {
    await eventually('accepted instance', 10_000, () =>
      cluster.apply(buildInstance('new', { placement: { member: `n${other}` } }), {
        member: other,
        timeoutMs: 5_000,
      }),
    );
    await waitUntilReady(cluster, 'new', other);
  });

  it('keeps the instances of the killed member running', async () => {
    const instances = (await listInstances(cluster, other)).filter(({ metadata }) => metadata.name !== 'new');
    assert.deepEqual(await readInits(instances), initsBefore);
    await assertAnswers(cluster, instances);
  });

  it('says that the killed member is offline', async () => {
    await eventually('Offline', 40_000, async () => {
      const members = await listMembers(cluster, other);
      const killed = members.find(({ metadata }) => metadata.name === leader.name);
      assert.equal(killed?.status?.state, 'Offline');
    });
  });

  it('takes the member back, and its instances without restarting them', async () => {
    await cluster.lab.start(leader);
    await eventually('Online', 40_000, async () => {
      const states = (await listMembers(cluster, other)).map(({ status }) => status?.state);
      assert.deepEqual(states, ['Online', 'Online', 'Online']);
    });
    const mine = (await listInstances(cluster)).filter(({ status }) => status?.member === leader.name);
    assert(mine.length > 0, 'the killed member had no instance');
    const [first] = mine;
    assert(first !== undefined);
    // Stopping one of them shows that its agent is in charge again; the others must not have been touched.
    const patch = [
      'patch',
      'instance',
      first.metadata.name,
      '--type=merge',
      '-p',
      '{"spec":{"running":false}}',
    ];
    await cluster.kubectl(patch, { member: other });
    const wait = ['wait', '--for=jsonpath={.status.state}=Stopped', `instance/${first.metadata.name}`];
    await cluster.kubectl([...wait, '--timeout=40s'], { member: other });
    const others = (await listInstances(cluster)).filter(({ status, metadata }) => {
      return metadata.name !== 'new' && status?.state === 'Running';
    });
    const inits = await readInits(others);
    for (const [name, init] of Object.entries(inits)) assert.equal(init, initsBefore[name], name);
  });
});
