import assert from 'node:assert/strict';

import { planFloor, Superseded } from '../../../../../src/consensus/store/leading/compactor.ts';
import { StoreState } from '../../../../../src/consensus/store/state/store-state.ts';
import type { WriteOperation } from '../../../../../src/consensus/store/store.ts';
import { put, remove } from '../../../../support/store-contract.ts';

const limits = {
  intervalMs: 1,
  ageMs: 100,
  minRevisions: 2,
  maxRevisions: 1_000,
  maxBytes: 1_000_000,
  sweepRows: 3,
  sweepBytes: 100,
};

/** One revision each 10 ms, the first at 10. */
function buildState(writes: readonly WriteOperation[]): StoreState {
  let nowMs = 0;
  const state = new StoreState(() => nowMs);
  for (const [index, write] of writes.entries()) {
    nowMs += 10;
    state.apply([{ revision: index + 1, transactionId: 't', operations: [write] }]);
  }
  return state;
}

const tenWrites = Array.from({ length: 10 }, (_, index) => put('/a', String(index)));

describe('consensus/store/leading/compactor', () => {
  const floors = [
    { name: 'keeps everything young', nowMs: 100, want: 0 },
    { name: 'drops what has reached the age', nowMs: 150, want: 5 },
    { name: 'keeps the least number at any age', nowMs: 10_000, want: 8 },
    { name: 'drops young revisions when there are too many', nowMs: 100, maxRevisions: 7, want: 3 },
    { name: 'drops young revisions when they weigh too much', nowMs: 100, maxBytes: 12, want: 6 },
  ];
  for (const { name, nowMs, want, ...special } of floors) {
    it(name, () => {
      const { history, revision } = buildState(tenWrites);
      assert.equal(planFloor(history, revision, nowMs, { ...limits, ...special }), want);
    });
  }

  const amounts = [
    { name: 'nothing when all was created', writes: [put('/a', '1'), put('/b', '1')], want: 0 },
    { name: 'what was overwritten', writes: [put('/a', '1'), put('/a', '2'), put('/a', '3')], want: 2 },
    { name: 'a deletion and what it deleted', writes: [put('/a', '1'), remove('/a')], want: 2 },
  ];
  for (const { name, writes, want } of amounts) {
    it(`counts as superseded ${name}`, () => {
      const superseded = new Superseded(limits);
      superseded.count(buildState([...writes, put('/later', '1')]).history, writes.length, 0);
      assert.equal(superseded.read().rows, want);
    });
  }

  const dues = [
    { name: 'many rows', writes: tenWrites, nowMs: 0, want: true },
    {
      name: 'few rows, but big ones',
      writes: [put('/a', 'x'.repeat(100)), put('/a', '')],
      nowMs: 0,
      want: true,
    },
    { name: 'few rows that have been there for long', writes: tenWrites.slice(0, 2), nowMs: 100, want: true },
    { name: 'few rows', writes: tenWrites.slice(0, 2), nowMs: 99, want: false },
    { name: 'no row, however late', writes: tenWrites.slice(0, 1), nowMs: 1_000, want: false },
  ];
  for (const { name, writes, nowMs, want } of dues) {
    it(`${want ? 'sweeps' : 'waits'} with ${name}`, () => {
      const superseded = new Superseded(limits);
      superseded.forget(superseded.read(), 0);
      superseded.count(buildState(writes).history, writes.length, 0);
      assert.equal(superseded.isDue(nowMs), want);
    });
  }

  it('sweeps once in a new term, and counts on from what came while it swept', () => {
    const superseded = new Superseded(limits);
    assert.equal(superseded.isDue(0), true);
    const begun = superseded.read();
    superseded.count(buildState(tenWrites).history, 2, 50);
    superseded.forget(begun, 60);
    assert.deepEqual([superseded.read().rows, superseded.isDue(60), superseded.isDue(160)], [1, false, true]);
  });
});
