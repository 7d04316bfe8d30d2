import assert from 'node:assert/strict';

import { ConsensusError, isConsensusError } from '../../../../../src/consensus/consensus-error.ts';
import { Sequencer } from '../../../../../src/consensus/store/leading/sequencer.ts';
import { StoreState } from '../../../../../src/consensus/store/state/store-state.ts';
import { StoreCounters } from '../../../../../src/consensus/store/store-counters.ts';
import type { Transaction } from '../../../../../src/consensus/store/store.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { ScriptedTermLog, settle } from '../../../../support/scripted-term-log.ts';
import { put } from '../../../../support/store-contract.ts';

const leaseMs = 100;
const never = new AbortController().signal;

class Bench {
  readonly clock = new FakeClock();
  readonly log = new ScriptedTermLog(3);
  readonly state = new StoreState(() => 0);
  readonly published: number[][] = [];
  readonly lost: unknown[] = [];
  readonly outcomes = new Map<string, string>();
  readonly counters = new StoreCounters();
  refusal: ConsensusError | undefined;
  readonly sequencer = new Sequencer({
    ...{ clock: this.clock, log: this.log, state: this.state, leaseMs, counters: this.counters },
    provenAtMs: this.clock.monotonicMs() - leaseMs,
    onCommitted: (batch) => this.published.push(batch.map(({ revision }) => revision)),
    onLost: (cause) => this.lost.push(cause),
    findRefusal: () => this.refusal,
  });

  /** Submits and notes how it ends under the transaction's id. */
  async submit(id: string, transaction: Transaction, signal = never): Promise<void> {
    this.#note(id, this.sequencer.submit(transaction, id, signal), (result) =>
      result.kind === 'committed' ? `committed ${result.revision}` : `conflict ${result.revision}`,
    );
    await settle();
  }

  async readPoint(id: string): Promise<void> {
    this.#note(id, this.sequencer.readPoint(), (revision) => `read ${revision}`);
    await settle();
  }

  #note<T>(id: string, promise: Promise<T>, describe: (value: T) => string): void {
    promise.then(
      (value) => this.outcomes.set(id, describe(value)),
      (error: unknown) => this.outcomes.set(id, isConsensusError(error) ? error.code : String(error)),
    );
  }

  get outcome(): Record<string, string> {
    return Object.fromEntries(this.outcomes);
  }
}

function create(key: string): Transaction {
  return { conditions: [{ key, revision: 0 }], operations: [put(key, 'x')] };
}

describe('consensus/store/leading/sequencer', () => {
  it('answers only after the log has the batch and the state holds it', async () => {
    const bench = new Bench();
    await bench.submit('t1', create('/a'));
    assert.deepEqual([bench.outcome, bench.state.revision], [{}, 0]);
    await bench.log.finish();
    assert.deepEqual(
      [bench.outcome, bench.state.revision, bench.published],
      [{ t1: 'committed 1' }, 1, [[1]]],
    );
  });

  it('makes one batch of what queued while the last one was written', async () => {
    const bench = new Bench();
    await bench.submit('t1', create('/a'));
    await bench.submit('t2', create('/b'));
    await bench.submit('t3', create('/b'));
    await bench.submit('t4', create('/c'));
    await bench.log.finish();
    await bench.log.finish();
    assert.deepEqual(bench.log.calls, ['1:t1', '2:t2 3:t4']);
    assert.deepEqual(bench.outcome, {
      t1: 'committed 1',
      t2: 'committed 2',
      t3: 'conflict 2',
      t4: 'committed 3',
    });
  });

  it('takes what comes at any moment after a batch', async () => {
    for (let steps = 0; steps < 20; steps += 1) {
      const bench = new Bench();
      const next = bench.sequencer.submit(create('/a'), 't1', never).then(async () => {
        for (let step = 0; step < steps; step += 1) await Promise.resolve();
        await bench.submit('t2', create('/b'));
      });
      await settle();
      await bench.log.finish();
      await next;
      assert.deepEqual(bench.log.calls, ['1:t1', '2:t2'], `${steps} steps after the answer`);
    }
  });

  it('limits a batch by the rows of one statement', async () => {
    const bench = new Bench();
    await bench.submit('first', create('/first'));
    for (let index = 0; index < 130; index += 1) await bench.submit(`t${index}`, create(`/${index}`));
    await bench.log.finish();
    await bench.log.finish();
    await bench.clock.advance(4);
    await bench.log.finish();
    assert.deepEqual(
      bench.log.calls.map((call) => call.split(' ').length),
      [1, 120, 10],
    );
  });

  it('waits a moment for the authors that it has just answered', async () => {
    const bench = new Bench();
    for (let index = 0; index < 10; index += 1) void bench.submit(`t${index}`, create(`/${index}`));
    await settle();
    await bench.clock.advance(10);
    await bench.log.finish();
    for (let index = 10; index < 18; index += 1) await bench.submit(`t${index}`, create(`/${index}`));
    assert.equal(bench.log.calls.length, 1);
    await bench.submit('t18', create('/18'));
    await bench.log.finish();
    await bench.submit('alone', create('/alone'));
    await bench.clock.advance(4);
    assert.deepEqual(
      bench.log.calls.map((call) => call.split(' ').length),
      [10, 9, 1],
    );
  });

  it('leaves the outcome of a failed write open, and was never sent what queued behind it', async () => {
    const bench = new Bench();
    await bench.submit('t1', create('/a'));
    await bench.submit('t2', create('/b'));
    await bench.log.fail(new Error('leadership lost'));
    await bench.submit('t3', create('/c'));
    assert.deepEqual(bench.outcome, { t1: 'Unknown', t2: 'NotLeader', t3: 'NotLeader' });
    assert.deepEqual([bench.lost.length, bench.state.revision, bench.log.calls.length], [1, 0, 1]);
  });

  it('refuses an earlier term as fenced, and knows that a later one deposed it', async () => {
    const bench = new Bench();
    await bench.submit('old', { ...create('/a'), term: 2 });
    await bench.submit('new', { ...create('/a'), term: 4 });
    await bench.submit('now', { ...create('/a'), term: 3 });
    await bench.log.finish();
    assert.deepEqual(bench.outcome, { old: 'Fenced', new: 'NotLeader', now: 'committed 1' });
  });

  it('answers a repeated transaction with its first outcome, and writes it once', async () => {
    const bench = new Bench();
    bench.state.apply([{ revision: 1, transactionId: 'earlier-term', operations: [put('/a', 'x')] }]);
    const again = async (id: string): Promise<unknown> =>
      await bench.sequencer.submit({ conditions: [], operations: [put('/a', 'y')] }, id, never);
    const results = [again('earlier-term'), again('twice'), again('twice')];
    await settle();
    await bench.log.finish();
    assert.deepEqual(await Promise.all(results), [
      { kind: 'committed', revision: 1 },
      { kind: 'committed', revision: 2 },
      { kind: 'committed', revision: 2 },
    ]);
    const late = again('twice');
    await settle();
    await bench.log.finish();
    assert.deepEqual(await late, { kind: 'committed', revision: 2 });
    assert.deepEqual(bench.log.calls, ['2:twice']);
    assert.deepEqual([bench.state.revision, bench.counters.repeats], [2, 2]);
  });

  it('counts what it did', async () => {
    const bench = new Bench();
    for (const id of ['t1', 't2', 't3']) await bench.submit(id, create('/a'));
    await bench.clock.advance(7);
    await bench.log.finish();
    await bench.readPoint('r1');
    await bench.log.finish();
    const { commits, conflicts, batches, writeMs, leasedReads } = bench.counters.read();
    assert.deepEqual(
      { commits, conflicts, batches, writeMs },
      { commits: 1, conflicts: 2, batches: 1, writeMs: 7 },
    );
    assert.equal(leasedReads, 1);
  });

  it('does not send what was given up in the queue', async () => {
    const bench = new Bench();
    const gaveUp = new AbortController();
    await bench.submit('t1', create('/a'));
    await bench.submit('t2', create('/b'), gaveUp.signal);
    gaveUp.abort(new Error('deadline'));
    await bench.log.finish();
    await bench.log.finish();
    assert.deepEqual(bench.outcome, { t1: 'committed 1', t2: 'Timeout' });
    assert.deepEqual(bench.log.calls, ['1:t1']);
  });

  it('cannot know the outcome of what is given up in flight', async () => {
    const bench = new Bench();
    const gaveUp = new AbortController();
    await bench.submit('t1', create('/a'), gaveUp.signal);
    gaveUp.abort(new Error('deadline'));
    await bench.log.finish();
    assert.deepEqual([bench.outcome, bench.state.revision], [{ t1: 'Unknown' }, 1]);
  });

  it('refuses more than its queue holds', async () => {
    const bench = new Bench();
    await bench.submit('t1', create('/a'));
    const big = Buffer.alloc(1024 * 1024);
    const queued = Array.from({ length: 65 }, (_, index) => {
      const transaction = {
        conditions: [],
        operations: [{ kind: 'put', key: `/${index}`, value: big }],
      } as const;
      return bench.sequencer.submit(transaction, `big${index}`, never);
    });
    const last = queued.pop();
    assert.ok(last);
    await assert.rejects(last, (error) => isConsensusError(error, 'Overloaded'));
    const stopped = new ConsensusError('Closed', 'stopping');
    void bench.sequencer.stop(stopped);
    for (const submitted of queued)
      await assert.rejects(submitted, (error) => error === stopped || isConsensusError(error, 'Overloaded'));
  });

  it('gives a read point at once within the lease, else after one round that all share', async () => {
    const bench = new Bench();
    await bench.readPoint('r1');
    await bench.readPoint('r2');
    assert.deepEqual([bench.log.calls, bench.outcome], [['proof'], {}]);
    await bench.log.finish();
    // The second came after the first round had begun, so that round proves nothing for it; the lease does.
    await bench.log.finish();
    assert.deepEqual(bench.outcome, { r1: 'read 0', r2: 'read 0' });
    await bench.readPoint('r3');
    assert.equal(bench.outcomes.get('r3'), 'read 0');
    const rounds = bench.log.calls.length;
    await bench.clock.advance(leaseMs);
    await bench.readPoint('r4');
    assert.deepEqual([bench.outcomes.get('r4'), bench.log.calls.length], [undefined, rounds + 1]);
  });

  it('counts the lease from the start of the round, not from its end', async () => {
    const bench = new Bench();
    await bench.submit('t1', create('/a'));
    await bench.clock.advance(leaseMs);
    await bench.log.finish();
    await bench.readPoint('r1');
    assert.deepEqual(bench.log.calls, ['1:t1', 'proof']);
  });

  it('proves that it leads before it answers a conflict', async () => {
    const bench = new Bench();
    await bench.submit('t1', { conditions: [{ key: '/a', revision: 9 }], operations: [put('/a', 'x')] });
    assert.deepEqual([bench.log.calls, bench.outcome], [['proof'], {}]);
    await bench.log.finish();
    assert.deepEqual(bench.outcome, { t1: 'conflict 0' });
  });

  it('lets maintenance run between two batches only', async () => {
    const bench = new Bench();
    const order: string[] = [];
    await bench.submit('t1', create('/a'));
    const ran = bench.sequencer.runBetweenBatches(() => {
      order.push(`maintenance at ${bench.state.revision}`);
      return Promise.resolve();
    });
    await bench.submit('t2', create('/b'));
    assert.deepEqual(order, []);
    await bench.log.finish();
    await ran;
    await bench.log.finish();
    assert.deepEqual(
      [order, bench.outcome],
      [['maintenance at 1'], { t1: 'committed 1', t2: 'committed 2' }],
    );
  });
});
