import assert from 'node:assert/strict';

import { findProcessesIn, findProcessesOf, sendSignal, waitUntilGone } from '../../scripts/lab/processes.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { clusterTimeoutMs, type TestCluster, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  applyImage,
  applyInstances,
  assertAnswers,
  buildInstance,
  buildList,
  listInstances,
  readContainers,
} from '../support/instances.ts';

describe('cluster: stop and resume', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({
    name: 'resume',
    subnet: 15,
    members: 3,
    async prepare(cluster) {
      await applyImage(cluster);
      await applyInstances(cluster, ['one', 'two', 'three', 'four']);
    },
  });

  it('runs the same instances on the same members after a clean stop', async () => {
    const before = await readPlacements(open());
    await open().lab.down();
    await open().lab.up(3);
    await assertAllRun(open());
    assert.deepEqual(await readPlacements(open()), before);
  });

  it('takes up what it was doing when every musterd was killed, and leaves what runs alone', async () => {
    const members = await open().lab.listMembers();
    const before = await readPlacements(open());
    const containers = await readAllContainers(members);
    await open().apply(buildList(['five', 'six', 'seven'].map((name) => buildInstance(name))));
    await Promise.all(members.map((member) => open().kill(member)));
    await open().lab.up(3);
    await assertAllRun(open());
    const { five, six, seven, ...rest } = await readPlacements(open());
    assert.deepEqual(rest, before);
    assert([five, six, seven].every((member) => member !== undefined));
    const now = await readAllContainers(members);
    assert.deepEqual(
      now.filter((container) => containers.includes(container)),
      containers,
    );
    assert.equal(now.length, 7);
  });

  it('starts again when every process was killed at once, as a power failure does', async () => {
    const before = await readPlacements(open());
    await killEverything(open());
    await open().lab.up(3);
    await assertAllRun(open());
    assert.deepEqual(await readPlacements(open()), before);
  });
});

async function readPlacements(cluster: TestCluster): Promise<Record<string, string | undefined>> {
  const instances = await listInstances(cluster);
  return Object.fromEntries(instances.map(({ metadata, status }) => [metadata.name, status?.member]));
}

/** What the API says may be from before: every instance has a container, and answers. */
async function assertAllRun(cluster: TestCluster): Promise<void> {
  await eventually('instances that all run', 60_000, async () => {
    const instances = await listInstances(cluster);
    const members = await cluster.lab.listMembers();
    const running = await Promise.all(
      members.map(async (member) => [member.name, Object.keys(await readContainers(member))] as const),
    );
    const wanted = members.map(({ name }) => {
      const mine = instances.filter(({ status }) => status?.member === name && status.state === 'Running');
      return [name, mine.map(({ metadata }) => `default_${metadata.name}`).toSorted()] as const;
    });
    assert.deepEqual(running, wanted);
    assert(instances.every(({ status }) => status?.state === 'Running'));
    await assertAnswers(cluster, instances);
  });
}

async function readAllContainers(members: readonly LabMember[]): Promise<string[]> {
  const containers = await Promise.all(members.map(readContainers));
  return containers.flatMap((one) => Object.entries(one).map(([name, init]) => `${name} ${init}`)).toSorted();
}

/** Members, helpers, name servers, monitors and containers: whatever belongs to the lab. */
async function killEverything(cluster: TestCluster): Promise<void> {
  const members = await cluster.lab.listMembers();
  const inits = (await readAllContainers(members)).map((container) => {
    const [pid = '', startTicks = ''] = (container.split(' ')[1] ?? '').split('@');
    return { pid: Number(pid), startTicks };
  });
  const inside = await Promise.all(members.map(({ namespace }) => findProcessesIn(namespace)));
  const named = await findProcessesOf(cluster.lab.spec.directory);
  const processes = [...named, ...inside.flat(), ...inits];
  await Promise.all(processes.map((process) => sendSignal(process, 'SIGKILL')));
  const gone = await Promise.all(processes.map((process) => waitUntilGone(process, 5_000)));
  assert(!gone.includes(false), 'a process is still there after SIGKILL');
}
