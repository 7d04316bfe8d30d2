import assert from 'node:assert/strict';

import { eventually, startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  applyImage,
  assertAnswers,
  buildInstance,
  listInstances,
  readInits,
  waitUntilReady,
} from '../support/instances.ts';

const names = ['one', 'two', 'three', 'four'];

describe('cluster: stop and resume', () => {
  let cluster: TestCluster;
  let isUp = false;

  before(async () => {
    cluster = await startTestCluster({ name: 'resume', subnet: 15, members: 3 });
    isUp = true;
    await applyImage(cluster);
    for (const name of names) await cluster.apply(buildInstance(name));
    for (const name of names) await waitUntilReady(cluster, name);
  });

  after(async () => {
    if (isUp) await cluster.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await cluster.printLogs();
  });

  async function placements(): Promise<Record<string, string | undefined>> {
    const instances = await listInstances(cluster);
    return Object.fromEntries(instances.map(({ metadata, status }) => [metadata.name, status?.member]));
  }

  async function assertAllRun(before: Record<string, string | undefined>): Promise<void> {
    await eventually('running instances', 60_000, async () => {
      const instances = await listInstances(cluster);
      const inits = await readInits(instances);
      assert.deepEqual(
        Object.entries(inits).filter(([, init]) => init.includes('gone')),
        [],
      );
      assert(
        instances.every(({ status }) => status?.state === 'Running' && (status.addresses ?? []).length > 0),
      );
    });
    assert.deepEqual(await placements(), before);
    await assertAnswers(cluster, await listInstances(cluster));
  }

  it('runs the same instances on the same members after a clean stop', async () => {
    const before = await placements();
    await cluster.lab.down();
    await cluster.lab.up(3);
    await assertAllRun(before);
  });

  it('cleans up and resumes after everything was killed at once', async () => {
    const before = await placements();
    const members = await cluster.lab.listMembers();
    await Promise.all(members.map((member) => cluster.kill(member)));
    await cluster.lab.down();
    await cluster.lab.up(3);
    await assertAllRun(before);
  });
});
