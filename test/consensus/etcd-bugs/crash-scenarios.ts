import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { ConsensusCluster } from '../../support/consensus-cluster.ts';
import { mustCommit, put, remove } from '../../support/store-contract.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { assertAgreed, killDatabase, workThrough } from './work-through.ts';

/** #13766: after crashes under high load members held different data at the same revision. */
export async function crashUnderLoad(cluster: ConsensusCluster): Promise<void> {
  const acknowledged = await workThrough(cluster, async () => {
    for (let crash = 1; crash <= 3; crash += 1) {
      await delay(400);
      killDatabase(await cluster.leader());
    }
    await delay(800);
  });
  await assertAgreed(cluster, acknowledged);
}

/** #14370: the one member of a cluster acknowledged a write before it was on disk, and lost it in a crash. */
export async function crashOfSingleMember(): Promise<void> {
  const cluster = await ConsensusCluster.start(1);
  try {
    const acknowledged = await workThrough(cluster, async () => {
      await delay(300);
      killDatabase(await cluster.leader());
      await delay(1_200);
    });
    const [member] = cluster.members;
    await member?.stop();
    await member?.restart();
    await cluster.leader();
    await assertAgreed(cluster, acknowledged);
  } finally {
    await cluster.close();
  }
}

/** #17780: when the newest revisions were deletions, and compacted, the revision went back after a crash. */
export async function crashDuringCompaction(): Promise<void> {
  const compaction = { intervalMs: 20, ageMs: 0, minRevisions: 1, maxRevisions: 1_000 };
  const cluster = await ConsensusCluster.start(1, { compaction });
  try {
    for (let round = 1; round <= 3; round += 1) {
      const { store } = (await cluster.leader()).consensus;
      for (let number = 1; number <= 20; number += 1) await mustCommit(store, [put(`/gone/${number}`, 'x')]);
      for (let number = 1; number <= 20; number += 1) await mustCommit(store, [remove(`/gone/${number}`)]);
      const before = store.revision;
      if (round > 1) await waitUntil(() => assert(store.compactedRevision >= before - 1));
      killDatabase(await cluster.leader());
      const [member] = cluster.members;
      await member?.stop();
      await member?.restart();
      const after = (await cluster.leader()).consensus.store;
      assert(after.revision >= before, `revision ${after.revision} after ${before}`);
      assert((await mustCommit(after, [put('/new', 'x')])) > before);
      assert.deepEqual(after.range('/gone/').entries, []);
    }
  } finally {
    await cluster.close();
  }
}

/** "applySnapshot and defragment at the same time": a member that takes over a whole state while it changes. */
export async function snapshotUnderLoad(): Promise<void> {
  const compaction = { intervalMs: 20, ageMs: 0, minRevisions: 1, maxRevisions: 50 };
  const cluster = await ConsensusCluster.start(3, { compaction });
  try {
    const acknowledged = await workThrough(cluster, async () => {
      for (let round = 1; round <= 2; round += 1) {
        const follower = await cluster.follower();
        await follower.stop();
        // By now what it missed is compacted: it can only come back by a snapshot.
        await delay(500);
        await follower.restart();
        await delay(300);
      }
    });
    await assertAgreed(cluster, acknowledged);
  } finally {
    await cluster.close();
  }
}
