import assert from 'node:assert/strict';

import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import { clusterTimeoutMs, type TestCluster, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  applyImage,
  applyInstances,
  assertAnswers,
  buildInstance,
  listInstances,
  readContainers,
  waitForState,
  waitUntilReady,
} from '../support/instances.ts';
import { findLeader, listMembers, waitForRoles } from '../support/member-roles.ts';

const names = ['old-1', 'old-2', 'old-3', 'old-4', 'old-5', 'old-6'];

describe('cluster: loss of the leader', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({
    name: 'loss',
    subnet: 12,
    members: 3,
    async prepare(cluster) {
      await applyImage(cluster);
      await waitForRoles(cluster, { 'database-leader': 1, 'database-voter': 2 });
      await applyInstances(cluster, names);
    },
  });
  let leader: LabMember;
  let member: number;
  let before: Record<string, string>;

  const listOnLeader = async (): Promise<Instance[]> =>
    (await listInstances(open(), member)).filter(({ status }) => status?.member === leader.name);

  it('accepts a new instance through another member within 10 s, and loses no write', async () => {
    ({ leader, other: member } = await findLeader(open()));
    before = await readContainers(leader);
    assert.equal(Object.keys(before).length, 2);
    const writer = startWriter(open(), member);
    try {
      await writer.waitForMore(5);
      await open().kill(leader);
      const instance = buildInstance('new', { placement: { member: `n${member}` } });
      await eventually('accepted instance', 10_000, () =>
        open().apply(instance, { member, timeoutMs: 5_000 }),
      );
      await writer.waitForMore(5);
    } finally {
      await writer.stop();
    }
    const names = (await open().kubectl(['get', 'configmaps', '-o', 'name'], { member })).split('\n');
    const lost = writer.written.filter((name) => !names.includes(`configmap/${name}`));
    assert.deepEqual(lost, []);
    await waitUntilReady(open(), ['new'], { member });
  });

  it('shows who leads now', async () => {
    await eventually('new leader', 10_000, async () => {
      const { leader: next } = await findLeader(open(), member);
      assert.notEqual(next.name, leader.name);
    });
  });

  it('keeps the instances of the killed member running', async () => {
    assert.deepEqual(await readContainers(leader), before);
    await assertAnswers(open(), await listOnLeader());
  });

  it('says that the killed member is offline, and goes on placing instances elsewhere', async () => {
    await eventually('Offline', 40_000, async () => {
      const killed = (await listMembers(open(), member)).find(
        ({ metadata }) => metadata.name === leader.name,
      );
      assert.equal(killed?.status?.state, 'Offline', JSON.stringify(killed?.status));
    });
    await applyInstances(open(), ['later-1', 'later-2', 'later-3'], { member });
    assert.equal((await listOnLeader()).length, 2);
  });

  it('takes the member back, and its instances without restarting them', async () => {
    await open().lab.start(leader);
    await eventually('three members Online', 40_000, async () => {
      const members = await listMembers(open(), member);
      assert.deepEqual(
        members.map(({ status }) => status?.state),
        ['Online', 'Online', 'Online'],
      );
    });
    // Stopping one of them shows that its agent is in charge again; the other must not have been touched.
    const [first, second] = (await listOnLeader()).map(({ metadata }) => metadata.name);
    assert(first !== undefined && second !== undefined, 'the killed member had no instances');
    await open().kubectl(['patch', 'instance', first, '--type=merge', '-p', '{"spec":{"running":false}}'], {
      member,
    });
    await waitForState(open(), first, 'Stopped', { member });
    const untouched = Object.entries(before).filter(([name]) => name !== `default_${first}`);
    assert.equal(untouched.length, 1);
    assert.deepEqual(await readContainers(leader), Object.fromEntries(untouched));
  });

  it('answers through the member that came back', async () => {
    const number = Number(leader.name.slice(1));
    await applyInstances(open(), ['last'], { member: number });
    await assertAnswers(open(), (await listInstances(open(), number)).filter(isRunning));
  });
});

/** Makes one object after the other until it is told to stop; what is refused is left out. */
function startWriter(cluster: TestCluster, member: number) {
  const written: string[] = [];
  const state = { isOver: false, problem: 'none' };
  const run = async (): Promise<void> => {
    for (let number = 1; !state.isOver; number += 1) {
      const name = `written-${number}`;
      const args = ['create', 'configmap', name, '--request-timeout=5s'];
      const { code, stderr } = await cluster.tryKubectl(args, { member, timeoutMs: 10_000 });
      if (code === 0) written.push(name);
      else state.problem = stderr;
    }
  };
  const running = run();
  return {
    /** Names of the objects whose making the API has acknowledged. */
    written,
    async waitForMore(count: number): Promise<void> {
      const wanted = written.length + count;
      await eventually(`${wanted} written objects`, 10_000, () => {
        assert(written.length >= wanted, `${written.length} are written; last problem: ${state.problem}`);
        return Promise.resolve();
      });
    },
    async stop(): Promise<void> {
      state.isOver = true;
      await running;
    },
  };
}

function isRunning({ status }: Instance): boolean {
  return status?.state === 'Running';
}
