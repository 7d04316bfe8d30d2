import assert from 'node:assert/strict';

import { isConsensusError } from '../../../src/consensus/consensus-error.ts';
import { type ConsensusCluster, isRunning, type ConsensusMember } from '../../support/consensus-cluster.ts';
import { mustCommit, put } from '../../support/store-contract.ts';
import { waitUntil } from '../../support/wait-until.ts';

export interface Acknowledged {
  readonly key: string;
  readonly revision: number;
}

const writerCount = 24;

/** Writes through all members at once while `disturb` runs; answers what was acknowledged. */
export async function workThrough(
  cluster: ConsensusCluster,
  disturb: () => Promise<void>,
): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  const state = { isOver: false };
  const write = async (writer: number): Promise<void> => {
    for (let number = 1; !state.isOver; number += 1) {
      const member = cluster.members[(writer + number) % cluster.members.length];
      const key = `/work/${writer}/${number}`;
      try {
        const { store } = (member as ConsensusMember).consensus;
        acknowledged.push({ key, revision: await mustCommit(store, [put(key, 'x')]) });
      } catch (error) {
        // A member that is down or has no leader refuses: only what was acknowledged counts.
        if (!isConsensusError(error) && !(error instanceof Error && error.message.endsWith('is stopped')))
          throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const writers = Array.from({ length: writerCount }, (_, index) => write(index));
  await disturb();
  state.isOver = true;
  await Promise.all(writers);
  return acknowledged;
}

/** Nothing acknowledged is lost, no revision was given twice, and all members hold the same. */
export async function assertAgreed(
  cluster: ConsensusCluster,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  assert(acknowledged.length > 50, `only ${acknowledged.length} writes were acknowledged`);
  assert.equal(new Set(acknowledged.map(({ revision }) => revision)).size, acknowledged.length);
  const running = cluster.members.filter(isRunning);
  await waitUntil(async () => {
    for (const { consensus } of running) await consensus.store.readBarrier(AbortSignal.timeout(5_000));
  });
  for (const { self, consensus } of running) {
    const lost = acknowledged.filter(({ key, revision }) => consensus.store.get(key)?.revision !== revision);
    assert.deepEqual(lost, [], `lost on ${self.name}`);
  }
  const contents = running.map(({ consensus }) =>
    consensus.store.range('/').entries.map(({ key, revision }) => `${revision} ${key}`),
  );
  for (const content of contents) assert.deepEqual(content, contents[0]);
}

/** kill -9 of one member's database; its member starts another. */
export function killDatabase({ consensus }: ConsensusMember): void {
  if (consensus.helperPid !== undefined) process.kill(consensus.helperPid, 'SIGKILL');
}
