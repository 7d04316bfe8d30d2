import assert from 'node:assert/strict';

import { planFloor, planSlice } from '../../../../../src/consensus/store/leading/compactor.ts';
import { StoreState } from '../../../../../src/consensus/store/state/store-state.ts';
import type { WriteOperation } from '../../../../../src/consensus/store/store.ts';
import { put, remove } from '../../../../support/store-contract.ts';

const limits = { intervalMs: 1, ageMs: 100, minRevisions: 2, maxRevisions: 1_000, maxBytes: 1_000_000 };

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

  const slices = [
    {
      name: 'removes what was overwritten at or below the floor',
      writes: [put('/a', '1'), put('/a', '2'), put('/a', '3')],
      target: 2,
      want: { floor: 2, superseded: ['/a@1'] },
    },
    {
      name: 'removes a deletion together with what it deleted',
      writes: [put('/a', '1'), remove('/a'), put('/b', '1')],
      target: 2,
      want: { floor: 2, superseded: ['/a@1', '/a@2'] },
    },
    {
      name: 'removes nothing where all was created',
      writes: [put('/a', '1'), put('/b', '1')],
      target: 2,
      want: { floor: 2, superseded: [] },
    },
    {
      name: 'stops where the statement is full',
      writes: Array.from({ length: 300 }, (_, index) => put('/a', String(index))),
      target: 300,
      want: { floor: 257, superseded: Array.from({ length: 256 }, (_, index) => `/a@${index + 1}`) },
    },
  ];
  for (const { name, writes, target, want } of slices) {
    it(name, () => {
      const { floor, superseded } = planSlice(buildState(writes).history, target);
      assert.deepEqual(
        { floor, superseded: superseded.map(({ key, revision }) => `${key}@${revision}`) },
        want,
      );
    });
  }
});
