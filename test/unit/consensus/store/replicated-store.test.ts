import assert from 'node:assert/strict';

import { ConsensusError, isConsensusError } from '../../../../src/consensus/consensus-error.ts';
import { TargetHolder, type CommitTarget } from '../../../../src/consensus/store/commit-target.ts';
import { createLeadershipView } from '../../../../src/consensus/store/leadership-view.ts';
import { ReplicatedStore } from '../../../../src/consensus/store/replicated-store.ts';
import { StoreState } from '../../../../src/consensus/store/state/store-state.ts';
import type { CommitResult } from '../../../../src/consensus/store/store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/scripted-term-log.ts';
import { put } from '../../../support/store-contract.ts';

const never = new AbortController().signal;
const leaderPatienceMs = 1_000;
const write = { conditions: [], operations: [put('/a', 'x')] };
const committed: CommitResult = { kind: 'committed', revision: 1 };

class Bench {
  readonly clock = new FakeClock();
  readonly state = new StoreState(() => 0);
  readonly targets = new TargetHolder(this.clock);
  readonly store = new ReplicatedStore({
    ...{ clock: this.clock, state: this.state, targets: this.targets, leaderPatienceMs },
    leadership: createLeadershipView(this.targets),
    transactionIds: { next: () => 'mine' },
    readStatistics: () => {
      throw new Error('not part of this test');
    },
  });
  readonly submitted: string[] = [];
  outcome = 'open';

  async commit(): Promise<void> {
    this.store.commit(write, never).then(
      (result) => (this.outcome = `${result.kind} ${result.revision}`),
      (error: unknown) => (this.outcome = isConsensusError(error) ? error.code : String(error)),
    );
    await settle();
  }

  /** A leader that answers every commit the same way. */
  async lead(term: number, answer: CommitResult | ConsensusError, settledRevision = 0): Promise<void> {
    const target: CommitTarget = {
      ...{ term, leader: `leader-${term}`, isLocal: false, settledRevision },
      submit: (_transaction, transactionId) => {
        this.submitted.push(`${term}:${transactionId}`);
        return answer instanceof ConsensusError ? Promise.reject(answer) : Promise.resolve(answer);
      },
      readPoint: () => Promise.resolve(this.state.revision),
    };
    this.targets.set(target);
    await settle();
  }

  async apply(transactionId: string): Promise<void> {
    const { operations } = write;
    this.state.apply([{ revision: this.state.revision + 1, transactionId, operations }]);
    await settle();
  }
}

describe('consensus/store/replicated-store', () => {
  const unknown = new ConsensusError('Unknown', 'waiting');
  const notLeader = new ConsensusError('NotLeader', 'leading');

  it('answers when its own cache holds the revision', async () => {
    const bench = new Bench();
    await bench.lead(1, committed);
    await bench.commit();
    assert.equal(bench.outcome, 'open');
    await bench.apply('mine');
    assert.equal(bench.outcome, 'committed 1');
  });

  it('waits for a leader, and says that there is no quorum when none comes', async () => {
    const bench = new Bench();
    await bench.commit();
    await bench.clock.advance(leaderPatienceMs - 1);
    assert.equal(bench.outcome, 'open');
    await bench.clock.advance(1);
    assert.equal(bench.outcome, 'NoQuorum');
  });

  it('sends what was not sent to the next leader', async () => {
    const bench = new Bench();
    await bench.lead(1, notLeader);
    await bench.commit();
    await bench.apply('mine');
    await bench.lead(2, committed);
    assert.deepEqual([bench.outcome, bench.submitted], ['committed 1', ['1:mine', '2:mine']]);
  });

  it('finds the outcome of a lost answer by its id', async () => {
    const bench = new Bench();
    await bench.lead(1, unknown);
    await bench.commit();
    await bench.apply('other');
    await bench.apply('mine');
    await bench.lead(2, committed, 2);
    assert.deepEqual([bench.outcome, bench.submitted], ['committed 2', ['1:mine']]);
  });

  it('looks only once it holds everything of the former leader, and writes again what is not there', async () => {
    const bench = new Bench();
    await bench.lead(1, unknown);
    await bench.commit();
    await bench.lead(2, committed, 1);
    assert.deepEqual(bench.submitted, ['1:mine']);
    await bench.apply('other');
    assert.deepEqual([bench.outcome, bench.submitted], ['committed 1', ['1:mine', '2:mine']]);
  });

  it('does not ask a leader of an earlier term', async () => {
    const bench = new Bench();
    await bench.lead(5, unknown);
    await bench.commit();
    await bench.lead(4, committed);
    assert.deepEqual(bench.submitted, ['5:mine']);
    await bench.clock.advance(leaderPatienceMs);
    assert.equal(bench.outcome, 'Unknown');
  });

  it('admits that it does not know when the history was compacted meanwhile', async () => {
    const bench = new Bench();
    await bench.lead(1, unknown);
    await bench.commit();
    await bench.apply('other');
    bench.state.compact(1);
    await bench.lead(2, committed, 1);
    assert.equal(bench.outcome, 'Unknown');
  });

  it('shares a read barrier among those who wait, and never joins an older one', async () => {
    const bench = new Bench();
    let rounds = 0;
    const gate = Promise.withResolvers<number>();
    bench.targets.set({
      ...{ term: 1, leader: 'leader', isLocal: false, settledRevision: 0 },
      submit: () => Promise.reject(notLeader),
      readPoint: () => {
        rounds += 1;
        return gate.promise;
      },
    });
    const first = bench.store.readBarrier(never);
    await settle();
    const later = [bench.store.readBarrier(never), bench.store.readBarrier(never)];
    gate.resolve(0);
    await Promise.all([first, ...later]);
    assert.equal(rounds, 2);
  });
});
