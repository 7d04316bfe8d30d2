import assert from 'node:assert/strict';

import { isConsensusError } from '../../../src/consensus/consensus-error.ts';
import { KeySpace } from '../../../src/consensus/store/state/key-space.ts';
import { StoreState, type CommittedRevision } from '../../../src/consensus/store/state/store-state.ts';
import type { StoreReader } from '../../../src/consensus/store/store.ts';
import { ConsensusCluster } from '../../support/consensus-cluster.ts';
import { commitTo, describeChanges, mustCommit, put, remove } from '../../support/store-contract.ts';
import { waitUntil } from '../../support/wait-until.ts';

interface Seen {
  readonly revisions: number[];
  readonly changes: string[];
}

function follow(store: StoreReader, prefix: string, from: number): Seen {
  const seen: Seen = { revisions: [], changes: [] };
  store.watch(
    prefix,
    from,
    (revision, changes) => {
      seen.revisions.push(revision);
      seen.changes.push(...describeChanges(changes, prefix));
    },
    () => undefined,
  );
  return seen;
}

function assertRising(revisions: readonly number[], above: number): void {
  for (const [index, revision] of revisions.entries()) {
    assert(
      revision > (revisions[index - 1] ?? above),
      `${revision} after ${revisions.slice(0, index).join(' ')}`,
    );
  }
}

/** #15220: a progress notification was ahead of the events that came after it. */
export async function progressInStep(cluster: ConsensusCluster): Promise<void> {
  const { store } = (await cluster.follower()).consensus;
  const watches = ['/progress/a/', '/progress/b/', '/progress/'].map((prefix) =>
    follow(store, prefix, store.revision),
  );
  const writes = Array.from({ length: 60 }, (_, index) =>
    put(`/progress/${index % 2 ? 'a' : 'b'}/${index}`, 'x'),
  );
  await Promise.all(writes.map((write) => mustCommit(store, [write])));
  for (const { revisions, changes } of watches) {
    assertRising(revisions, 0);
    assert.equal(revisions.at(-1), store.revision);
    assert(changes.length >= 30);
  }
}

/** #15271: a watch that moved to a member that lagged behind was sent old events again. */
export async function resumeOnLaggingMember(cluster: ConsensusCluster): Promise<void> {
  const lagging = await cluster.follower();
  await lagging.stop();
  const { store } = (await cluster.leader()).consensus;
  for (let number = 1; number <= 20; number += 1) await mustCommit(store, [put('/lag', String(number))]);
  const reached = store.revision;
  await lagging.restart();
  const seen = follow(lagging.consensus.store, '/lag', reached);
  await mustCommit(store, [put('/lag', 'new')]);
  await waitUntil(() => assert(seen.changes.length > 0));
  assertRising(seen.revisions, reached);
  assert.deepEqual(seen.changes, ['+=new']);
}

/** #17247: an event of a transaction came twice. */
export async function transactionOnce(cluster: ConsensusCluster): Promise<void> {
  const { store } = (await cluster.follower()).consensus;
  const seen = follow(store, '/once/', store.revision);
  const revision = await mustCommit(store, [put('/once/a', '1'), put('/once/b', '1'), remove('/once/none')]);
  const refused = await commitTo(store, [put('/once/a', '2')], [{ key: '/once/b', revision: revision - 1 }]);
  assert.equal(refused.kind, 'conflict');
  await mustCommit(store, [put('/once/c', '1')]);
  assert.deepEqual(seen.changes, ['+a=1', '+b=1', '+c=1']);
}

/** #18089 and #19179: at the boundary of a compaction a deletion got lost, or was not there to be watched. */
export function deletionAtBoundary(): Promise<void> {
  const operations = [
    put('/a', '1'),
    remove('/a'),
    put('/a', '2'),
    put('/b', '1'),
    remove('/b'),
    remove('/a'),
  ];
  const changes = ['+/a=1', '-/a', '+/a=2', '+/b=1', '-/b', '-/a'];
  for (let floor = 0; floor <= operations.length; floor += 1) {
    const state = new StoreState(() => 0);
    state.apply(operations.map((operation, index) => committed(index + 1, operation)));
    state.compact(floor);
    for (let from = 0; from <= operations.length; from += 1) {
      if (from < floor) {
        assert.throws(
          () => follow(state, '', from),
          (error) => isConsensusError(error, 'Compacted'),
        );
      } else {
        assert.deepEqual(
          follow(state, '', from).changes,
          changes.slice(from),
          `from ${from}, floor ${floor}`,
        );
      }
    }
  }
  return Promise.resolve();
}

/** The same after the state was read back from the log of a member that compacts and starts again. */
export async function deletionAtBoundaryAfterRestart(): Promise<void> {
  const cluster = await ConsensusCluster.start(1, {
    compaction: { intervalMs: 20, ageMs: 0, minRevisions: 2, maxRevisions: 1_000 },
  });
  try {
    const { store } = (await cluster.leader()).consensus;
    await mustCommit(store, [put('/a', '1')]);
    await mustCommit(store, [put('/b', '1')]);
    const boundary = await mustCommit(store, [put('/c', '1')]);
    await mustCommit(store, [remove('/a')]);
    await mustCommit(store, [remove('/b')]);
    await waitUntil(() => assert.equal(store.compactedRevision, boundary));
    const [member] = cluster.members;
    await member?.stop();
    await member?.restart();
    const again = (await cluster.leader()).consensus.store;
    const { changes } = follow(again, '/', boundary);
    assert.deepEqual(changes.slice(0, 2), ['-a', '-b']);
  } finally {
    await cluster.close();
  }
}

/** #20221: a watch from a revision that is yet to come was sent what lay before it, after a snapshot. */
export function watchFromTheFuture(): Promise<void> {
  const ahead = new StoreState(() => 0);
  for (let revision = 1; revision <= 30; revision += 1)
    ahead.apply([committed(revision, put('/a', String(revision)))]);
  ahead.compact(20);
  const state = new StoreState(() => 0);
  state.apply([committed(1, put('/a', '1'))]);
  const ended: string[] = [];
  const revisions: number[] = [];
  state.watch(
    '',
    40,
    (revision) => revisions.push(revision),
    ({ code }) => ended.push(code),
  );
  state.install({ revision: ahead.revision, keys: copyOf(ahead), history: ahead.history });
  for (let revision = 31; revision <= 45; revision += 1) {
    state.apply([committed(revision, put('/a', String(revision)))]);
  }
  // It may be told to begin anew, or wait until it is its turn; it may not get what it has.
  assert(
    ended.length === 1 || revisions.at(-1) === 45,
    `ended: ${ended.join(' ')}, revisions: ${revisions.join(' ')}`,
  );
  assertRising(revisions, 40);
  return Promise.resolve();
}

function copyOf(state: StoreState): Parameters<StoreState['install']>[0]['keys'] {
  const keys = new KeySpace();
  for (const entry of state.range('').entries) keys.set(entry);
  return keys;
}

function committed(revision: number, operation: CommittedRevision['operations'][number]): CommittedRevision {
  return { revision, transactionId: `t${revision}`, operations: [operation] };
}
