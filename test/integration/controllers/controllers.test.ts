import assert from 'node:assert/strict';
import { findCondition } from '../../../src/api/conditions.ts';
import {
  clusters,
  images,
  instances,
  members,
  networks,
  profiles,
  storagePools,
} from '../../../src/api/generated/resources.ts';
import type { Condition } from '../../../src/api/meta.ts';
import { buildInstance, buildNetwork } from '../../support/build-objects.ts';
import {
  createInstances,
  memberNames,
  startControllerCluster,
  type ControllerCluster,
} from '../../support/controller-cluster.ts';
import { waitUntil } from '../../support/wait-until.ts';

interface HasConditions {
  readonly status?: { conditions?: Condition[] | undefined } | undefined;
}

/** `False ImageNotFound: image …` */
function told(object: HasConditions | undefined, type: string): string {
  const condition = findCondition(object?.status, type);
  return condition === undefined ? '' : `${condition.status} ${condition.reason}: ${condition.message}`;
}

describe('controllers', function () {
  this.timeout(30_000);
  let cluster: ControllerCluster;

  beforeEach(async () => {
    cluster = await startControllerCluster();
    await cluster.furnish();
  });

  afterEach(async () => {
    await cluster.close();
  });

  async function placements(): Promise<string[]> {
    const all = await cluster.list(instances);
    return all.map(({ status }) => status?.member ?? '').toSorted();
  }

  async function countByMember(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const name of await placements()) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  it('spreads ten instances that come at once over three members', async () => {
    await createInstances(
      cluster,
      Array.from({ length: 10 }, (_, index) => `web-${index}`),
    );
    await waitUntil(async () => {
      assert.deepEqual(Object.values(await countByMember()).toSorted(), [3, 3, 4]);
    });
    const web = await cluster.get(instances, 'web-0');
    const member = web?.status?.member ?? '';
    assert.deepEqual(
      [
        web?.metadata.finalizers,
        web?.status?.epoch,
        web?.status?.type,
        told(web, 'Placed'),
        told(web, 'Ready'),
      ],
      [
        ['muster.dev/instance'],
        1,
        'container',
        `True Placed: on member ${member}`,
        `False Placed: member ${member} has it now`,
      ],
    );
    await waitUntil(async () => {
      const shown = (await cluster.list(members)).map(({ status }) => status?.instanceCount ?? 0);
      assert.deepEqual(shown.toSorted(), [3, 3, 4]);
      assert.equal((await cluster.get(profiles, 'default'))?.status?.usedByCount, 10);
    });
  });

  it('places nothing on a member that is offline', async () => {
    await waitUntil(async () => {
      assert.match(told(await cluster.get(members, 'b'), 'Online'), /^True/);
    });
    cluster.heard.set('b', 60_000);
    await waitUntil(async () => {
      assert.equal((await cluster.get(members, 'b'))?.status?.state, 'Offline');
    });
    await createInstances(cluster, ['one', 'two', 'three', 'four']);
    await waitUntil(async () => {
      assert.deepEqual(await countByMember(), { a: 2, c: 2 });
    });
  });

  it('says in Ready why an instance is not placed, and places it when that is mended', async () => {
    await cluster.create(instances, buildInstance('web', { spec: { image: 'nope' } }));
    await waitUntil(async () => {
      const web = await cluster.get(instances, 'web');
      const want = 'False ImageNotFound: image "nope" does not exist; there is: busybox';
      assert.deepEqual([told(web, 'Ready'), told(web, 'Resolved')], [want, want]);
    });
    await cluster.patch(instances, 'web', { spec: { image: 'busybox' } });
    await waitUntil(async () => {
      assert.match((await cluster.get(instances, 'web'))?.status?.member ?? '', /^[abc]$/);
    });
  });

  it('says in Ready what a network waits for, and gives it a subnet', async () => {
    await cluster.create(networks, buildNetwork('dmz'));
    await waitUntil(async () => {
      const dmz = await cluster.get(networks, 'dmz');
      assert.match(dmz?.status?.ipv4Address ?? '', /^10\.\d+\.\d+\.1\/24$/);
      assert.equal(told(dmz, 'Ready'), 'False Creating: waiting for a, b, c');
    });
  });

  it('wants as many copies of an image as the cluster says', async () => {
    await waitUntil(async () => {
      const { status } = (await cluster.get(images, 'busybox')) ?? {};
      assert.deepEqual([status?.wantedMembers, status?.type], [[...memberNames], 'container']);
      assert.equal(
        told({ status }, 'Replicated'),
        'False Replicating: 1 of 3 members have it; on its way to b, c',
      );
      assert.equal(told({ status }, 'Ready'), 'True Ready: 1 member has it');
    });
    await cluster.report(images, 'busybox', {
      members: memberNames.map((name) => ({ name, state: 'Ready' })),
    });
    await waitUntil(async () => {
      const image = await cluster.get(images, 'busybox');
      assert.equal(told(image, 'Replicated'), 'True Replicated: 3 of 3 members have it');
    });
  });

  it('keeps an instance until its member has let go of it', async () => {
    await createInstances(cluster, ['web']);
    await waitUntil(async () => {
      assert.equal((await placements()).join().length, 1);
    });
    await cluster.delete(instances, 'web');
    await waitUntil(async () => {
      assert.match(
        told(await cluster.get(instances, 'web'), 'Deleted'),
        /^False CleaningUp: member [abc] is/,
      );
    });
    await cluster.patch(instances, 'web', { metadata: { finalizers: [] } });
    await waitUntil(async () => {
      assert.deepEqual(await cluster.list(instances), []);
    });
  });

  it('lets an instance go at once that was never placed', async () => {
    await cluster.create(instances, buildInstance('web', { spec: { image: 'nope' } }));
    await waitUntil(async () => {
      assert.match(told(await cluster.get(instances, 'web'), 'Ready'), /^False ImageNotFound/);
    });
    await cluster.delete(instances, 'web');
    await waitUntil(async () => {
      assert.equal(await cluster.get(instances, 'web'), undefined);
    });
  });

  it('keeps a pool while a profile uses it, and then until its members have cleaned up', async () => {
    await waitUntil(async () => {
      assert.equal(
        told(await cluster.get(storagePools, 'local'), 'InUse'),
        'True Referenced: used by profile default/default',
      );
    });
    await cluster.delete(storagePools, 'local');
    await waitUntil(async () => {
      assert.equal(
        told(await cluster.get(storagePools, 'local'), 'InUse'),
        'True DeletionBlocked: cannot be deleted while it is used by profile default/default',
      );
    });
    await cluster.patch(profiles, 'default', { spec: { devices: { root: { type: 'none' } } } });
    await waitUntil(async () => {
      assert.equal(
        told(await cluster.get(storagePools, 'local'), 'InUse'),
        'True CleaningUp: being removed from member a, member b, member c',
      );
    });
    await cluster.report(storagePools, 'local', { members: [] });
    await waitUntil(async () => {
      assert.equal(await cluster.get(storagePools, 'local'), undefined);
    });
  });

  it('gives the database roles to three members, and shows them', async () => {
    await cluster.create(clusters, {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'cluster' },
      spec: {},
    });
    await waitUntil(async () => {
      const roles = (await cluster.list(members)).map(({ status }) => status?.roles ?? []);
      assert.deepEqual(roles, [['database-leader'], ['database-voter'], ['database-voter']]);
      const { leader, memberCount, voterCount } = (await cluster.get(clusters, 'cluster'))?.status ?? {};
      assert.deepEqual([leader, memberCount, voterCount], ['a', 3, 3]);
    });
  });
});
