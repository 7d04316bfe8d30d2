import assert from 'node:assert/strict';

import { isConsensusError } from '../../../src/consensus/consensus-error.ts';
import type { Store } from '../../../src/consensus/store/store.ts';
import { ConsensusCluster, type ConsensusMember } from '../../support/consensus-cluster.ts';
import {
  commitTo,
  describeChanges,
  describeStoreContract,
  mustCommit,
  put,
  textOf,
} from '../../support/store-contract.ts';
import { waitUntil } from '../../support/wait-until.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(10_000);

describe('consensus/store, one member', function () {
  this.timeout(30_000);
  let cluster: ConsensusCluster;

  before(async () => {
    cluster = await ConsensusCluster.start(1);
  });

  after(() => cluster.close());

  describeStoreContract(() => ({ store: onlyMember().consensus.store, prefix: '/contract/' }));

  it('finds everything again after a restart, history included', async () => {
    const member = onlyMember();
    const revision = await mustCommit(member.consensus.store, [put('/restart/a', '1')]);
    await mustCommit(member.consensus.store, [put('/restart/a', '2')]);
    await member.stop();
    await member.restart();
    await cluster.leader();
    const { store } = member.consensus;
    assert.equal(textOf(store, '/restart/a'), '2');
    const [then] = store.range('/restart/', { atRevision: revision }).entries;
    assert.equal(Buffer.from(then?.value ?? []).toString(), '1');
  });

  it('starts a higher term after each restart', async () => {
    const member = onlyMember();
    const before = member.consensus.store.leadership.leadingTerm ?? 0;
    await member.stop();
    await member.restart();
    await cluster.leader();
    assert.ok((member.consensus.store.leadership.leadingTerm ?? 0) > before);
  });

  function onlyMember(): ConsensusMember {
    const [member] = cluster.members;
    assert.ok(member);
    return member;
  }
});

describe('consensus/store, a member that does not lead', function () {
  this.timeout(30_000);
  let cluster: ConsensusCluster;
  let follower: ConsensusMember;

  before(async () => {
    cluster = await ConsensusCluster.start(2);
    follower = await cluster.follower();
  });

  after(() => cluster.close());

  describeStoreContract(() => ({ store: follower.consensus.store, prefix: '/contract/' }));
});

describe('consensus/store, three members', function () {
  this.timeout(60_000);
  let cluster: ConsensusCluster;

  beforeEach(async () => {
    cluster = await ConsensusCluster.start(3, { leaderPatienceMs: 2_000 });
    await cluster.promoteAll();
  });

  afterEach(() => cluster.close());

  it('commits through every member and shows every watcher the same, in order', async () => {
    const seen = cluster.members.map((member) => record(member.consensus.store, '/order/'));
    await Promise.all(
      cluster.members.flatMap(({ consensus, self }) =>
        Array.from({ length: 20 }, (_, index) =>
          mustCommit(consensus.store, [put(`/order/${self.name}/${index}`, 'x')]),
        ),
      ),
    );
    await Promise.all(cluster.members.map(({ consensus }) => consensus.store.readBarrier(deadline())));
    const [first] = seen;
    assert.equal(first?.length, 60);
    for (const other of seen) assert.deepEqual(other, first);
  });

  it('decides a race between members once', async () => {
    const key = '/race/key';
    const results = await Promise.all(
      cluster.members.map(({ consensus, self }) =>
        commitTo(consensus.store, [put(key, self.name)], [{ key, revision: 0 }]),
      ),
    );
    assert.deepEqual(results.map(({ kind }) => kind).toSorted(), ['committed', 'conflict', 'conflict']);
  });

  it('sees on one member what another was told is committed, after a read barrier', async () => {
    const { consensus: leader } = await cluster.leader();
    const { consensus: follower } = await cluster.follower();
    for (let round = 0; round < 20; round += 1) {
      await mustCommit(leader.store, [put('/barrier', String(round))]);
      await follower.store.readBarrier(deadline());
      assert.equal(textOf(follower.store, '/barrier'), String(round));
    }
  });

  it('goes on when the helper of the leader is killed, and loses nothing that was answered', async () => {
    const leader = await cluster.leader();
    const writer = await cluster.follower();
    const { store } = writer.consensus;
    await mustCommit(store, [put('/kill/before', '1')]);
    process.kill(leader.consensus.helperPid ?? 0, 'SIGKILL');
    const written: string[] = [];
    for (let index = 0; index < 50; index += 1) {
      const key = `/kill/${index}`;
      await mustCommit(store, [put(key, 'x')], [{ key, revision: 0 }]);
      written.push(key);
    }
    for (const { consensus } of cluster.members) {
      await consensus.store.readBarrier(deadline());
      assert.deepEqual(
        written.filter((key) => consensus.store.get(key) === undefined),
        [],
      );
      assert.equal(textOf(consensus.store, '/kill/before'), '1');
    }
  });

  it('goes on when the leader is closed, and brings it up to date when it is back', async () => {
    const leader = await cluster.leader();
    const { store } = (await cluster.follower()).consensus;
    await mustCommit(store, [put('/close/a', '1')]);
    await leader.stop();
    await mustCommit(store, [put('/close/a', '2')]);
    await leader.restart();
    await leader.consensus.store.readBarrier(deadline());
    assert.equal(textOf(leader.consensus.store, '/close/a'), '2');
  });

  it('fences the transactions of a term that is over', async () => {
    const leader = await cluster.leader();
    const { leadingTerm } = leader.consensus.store.leadership;
    assert.ok(leadingTerm !== undefined);
    const { self: heir } = await cluster.follower();
    await leader.consensus.membership.transferLeadership(heir.name, deadline());
    const transaction = { conditions: [], operations: [put('/fenced', 'x')], term: leadingTerm };
    for (const { consensus } of cluster.members) {
      await assert.rejects(consensus.store.commit(transaction, deadline()), (error) =>
        isConsensusError(error, 'Fenced'),
      );
    }
    assert.ok(((await cluster.leader()).consensus.store.leadership.leadingTerm ?? 0) > leadingTerm);
  });

  it('answers without a quorum: writes fail soon with the reason, cached reads go on', async () => {
    const leader = await cluster.leader();
    await mustCommit(leader.consensus.store, [put('/quorum', '1')]);
    const others = cluster.members.filter((member) => member !== leader);
    await Promise.all(others.map(({ consensus }) => consensus.store.readBarrier(deadline())));
    await Promise.all(others.map((member) => member.stop()));
    const { store } = leader.consensus;
    const startedMs = performance.now();
    await assert.rejects(commitTo(store, [put('/quorum', '2')]), (error) =>
      ['NoQuorum', 'Unknown'].some((code) => isConsensusError(error, code as 'NoQuorum')),
    );
    await assert.rejects(store.readBarrier(deadline()), (error) => isConsensusError(error, 'NoQuorum'));
    assert.ok(performance.now() - startedMs < 8_000);
    assert.equal(textOf(store, '/quorum'), '1');
    const [back] = others;
    await back?.restart();
    await waitUntil(async () => {
      await mustCommit(store, [put('/quorum', '3')]);
    });
  });

  it('fills a member that missed more than the history from a snapshot, and gives it the history', async () => {
    await cluster.close();
    cluster = await ConsensusCluster.start(1, {
      compaction: { intervalMs: 50, ageMs: 0, minRevisions: 10 },
    });
    const { store } = (await cluster.leader()).consensus;
    for (let round = 0; round < 5; round += 1) {
      const keys = Array.from({ length: 100 }, (_, index) => `/snapshot/${index}`);
      await Promise.all(keys.map((key) => mustCommit(store, [put(key, String(round))])));
    }
    await waitUntil(() => {
      assert.ok(store.compactedRevision > 400, `compacted up to ${store.compactedRevision}`);
    });
    const joiner = await cluster.join();
    await joiner.consensus.store.readBarrier(deadline());
    const { entries } = joiner.consensus.store.range('/snapshot/');
    assert.deepEqual(
      [entries.length, new Set(entries.map(({ value }) => Buffer.from(value).toString()))],
      [100, new Set(['4'])],
    );
    // A watch that was cut off has to find its place on any member, also on one that was started anew.
    const { compactedRevision: floor, revision } = store;
    assert.ok(floor < revision);
    assert.equal(joiner.consensus.store.compactedRevision, floor);
    assert.deepEqual(describePast(joiner.consensus.store, floor), describePast(store, floor));
    assert.deepEqual(record(joiner.consensus.store, '/snapshot/', floor), record(store, '/snapshot/', floor));
    // Also where it is taken up before the member has anything; a start may write, and so move the floor a little.
    const from = floor + 5;
    const wanted = record(store, '/snapshot/', from);
    await Promise.all(cluster.members.map((member) => member.stop()));
    await Promise.all(cluster.members.map((member) => member.restart()));
    for (const { consensus } of cluster.members) {
      const { changes, ended } = follow(consensus.store, '/snapshot/', from);
      await waitUntil(() => assert.equal(changes.length, wanted.length));
      assert.deepEqual([changes, ended], [wanted, []]);
    }
  });
});

function describePast(store: Store, atRevision: number): readonly string[] {
  const { entries } = store.range('/snapshot/', { atRevision });
  return entries.map(({ key, value, revision }) => `${revision} ${key} ${Buffer.from(value).toString()}`);
}

function record(store: Store, prefix: string, fromRevision = store.revision): string[] {
  const { changes, ended } = follow(store, prefix, fromRevision);
  assert.deepEqual(ended, []);
  return changes;
}

function follow(
  store: Store,
  prefix: string,
  fromRevision: number,
): { readonly changes: string[]; readonly ended: string[] } {
  const changes: string[] = [];
  const ended: string[] = [];
  store.watch(
    prefix,
    fromRevision,
    (revision, those) => {
      for (const change of describeChanges(those)) changes.push(`${revision} ${change}`);
    },
    ({ code }) => ended.push(code),
  );
  return { changes, ended };
}
