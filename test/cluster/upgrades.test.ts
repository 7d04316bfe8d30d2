import assert from 'node:assert/strict';

import type { LabMember } from '../../scripts/lab/spec.ts';
import { stopMember } from '../../scripts/lab/member-process.ts';
import type { Cluster } from '../../src/api/generated/cluster.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { applyImage, applyInstances, listInstances, readContainers } from '../support/instances.ts';
import { listMembers } from '../support/member-roles.ts';

describe('cluster: upgrades', function () {
  this.timeout(clusterTimeoutMs);
  /** What each member's release can do; a member that is not named runs this one. */
  const levels = new Map<string, string>();
  const open = useTestCluster({
    name: 'upgrade',
    subnet: 20,
    members: 3,
    runtime: ({ name }) => {
      const level = levels.get(name);
      return level === undefined ? undefined : { environment: { MUSTER_ARTIFICIAL_FEATURE_LEVEL: level } };
    },
    async prepare(cluster) {
      await applyImage(cluster);
      await applyInstances(cluster, ['a', 'b', 'c']);
    },
  });

  async function restart(member: LabMember, level: string): Promise<void> {
    levels.set(member.name, level);
    await stopMember(member);
    await open().lab.start(member);
  }

  async function waitFor(states: readonly string[], featureLevel: number, member = 1): Promise<void> {
    const want = [...states, featureLevel];
    await eventually(want.join(' '), 40_000, async () => {
      const members = await listMembers(open(), member);
      const cluster = await open().getJson<Cluster>(['cluster', 'cluster'], { member });
      const seen = [...members.map(({ status }) => status?.state), cluster.status?.featureLevel];
      assert.deepEqual(seen, want, JSON.stringify(members.map(({ status }) => status?.message)));
    });
  }

  it('runs mixed releases, one upgraded after the other', async () => {
    await waitFor(['Online', 'Online', 'Online'], 1);
    await restart(open().lab.member(1), '2');
    await waitFor(['Online', 'Online', 'Online'], 1, 2);
    await restart(open().lab.member(2), '2');
    await waitFor(['Online', 'Online', 'Online'], 1);
    await applyInstances(open(), ['during']);
  });

  it('rises when the last member has been upgraded', async () => {
    await restart(open().lab.member(3), '2');
    await waitFor(['Online', 'Online', 'Online'], 2);
  });

  it('blocks a member that comes back too old, and keeps its instances running', async () => {
    const old = open().lab.member(3);
    const before = await readContainers(old);
    await restart(old, '1');
    await waitFor(['Online', 'Online', 'Blocked'], 2);
    const [, , blocked] = await listMembers(open());
    assert.match(blocked?.status?.message ?? '', /is older than the other members .*upgrade it/);
    assert.deepEqual(await readContainers(old), before);
    await applyInstances(open(), ['later-1', 'later-2', 'later-3']);
    const placed = (await listInstances(open())).filter(({ metadata }) => metadata.name.startsWith('later'));
    assert.equal(
      placed.some(({ status }) => status?.member === old.name),
      false,
    );
  });

  it('takes it back when it is upgraded', async () => {
    await restart(open().lab.member(3), '2');
    await waitFor(['Online', 'Online', 'Online'], 2);
  });
});
