import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { isConsensusError } from '../../../src/consensus/consensus-error.ts';
import type { ConsensusCluster } from '../../support/consensus-cluster.ts';
import { commitTo, put, textOf } from '../../support/store-contract.ts';

const key = '/counter';

/** #20418: an answer to a read index that was asked for before a pause was used for a read after it. */
export async function readsAcrossPause(cluster: ConsensusCluster): Promise<void> {
  await readWhile(cluster, async () => {
    for (let round = 1; round <= 2; round += 1) {
      const { helperPid } = (await cluster.leader()).consensus;
      if (helperPid !== undefined) process.kill(helperPid, 'SIGSTOP');
      await delay(900);
      if (helperPid !== undefined) process.kill(helperPid, 'SIGCONT');
      await delay(400);
    }
  });
}

/** #21378: a read that was waiting for its index while the leader changed got that of the old leader. */
export async function readsAcrossLeaderChange(cluster: ConsensusCluster): Promise<void> {
  await readWhile(cluster, async () => {
    for (let round = 1; round <= 4; round += 1) {
      await delay(250);
      const [leader, follower] = [await cluster.leader(), await cluster.follower()];
      const signal = AbortSignal.timeout(5_000);
      await leader.consensus.membership.transferLeadership(follower.self.name, signal);
    }
    await delay(250);
  });
}

/** One client counts up; others read through every member, and never see less than was acknowledged before they asked. */
async function readWhile(cluster: ConsensusCluster, disturb: () => Promise<void>): Promise<void> {
  const state = { isOver: false, acknowledged: 0, reads: 0 };
  await disturbed(
    [
      ...cluster.members.map((_, index) => repeat(() => readOnce(cluster, index, state))),
      ...cluster.members.map((_, index) => repeat(() => readOnce(cluster, index, state))),
      repeat(() => countUp(cluster, state)),
    ],
    state,
    disturb,
  );
  assert(state.acknowledged > 20 && state.reads > 20, JSON.stringify(state));

  async function repeat(act: () => Promise<void>): Promise<void> {
    while (!state.isOver) await act();
  }
}

interface State {
  isOver: boolean;
  acknowledged: number;
  reads: number;
}

async function disturbed(
  work: readonly Promise<void>[],
  state: State,
  disturb: () => Promise<void>,
): Promise<void> {
  const all = Promise.all(work);
  try {
    // What the readers find wrong ends the scenario at once.
    await Promise.race([disturb(), all]);
  } finally {
    state.isOver = true;
  }
  await all;
}

async function countUp(cluster: ConsensusCluster, state: State): Promise<void> {
  const [member] = cluster.members;
  const next = state.acknowledged + 1;
  try {
    if (member !== undefined) await commitTo(member.consensus.store, [put(key, String(next))]);
    state.acknowledged = next;
  } catch (error) {
    if (!isConsensusError(error)) throw error;
    await delay(10);
  }
}

async function readOnce(cluster: ConsensusCluster, index: number, state: State): Promise<void> {
  const store = cluster.members[index]?.consensus.store;
  if (store === undefined) return;
  const known = state.acknowledged;
  try {
    await store.readBarrier(AbortSignal.timeout(5_000));
  } catch (error) {
    if (!isConsensusError(error)) throw error;
    await delay(10);
    return;
  }
  const seen = Number(textOf(store, key) ?? 0);
  assert(seen >= known, `member ${index + 1} read ${seen} after ${known} was acknowledged`);
  state.reads += 1;
  await delay(1);
}
