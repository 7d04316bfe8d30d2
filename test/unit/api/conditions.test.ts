import assert from 'node:assert/strict';

import { findCondition, isTrue, setCondition } from '../../../src/api/conditions.ts';
import type { Condition } from '../../../src/api/meta.ts';

const created: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'Creating',
  message: 'waiting for n2',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  observedGeneration: 1,
};
const laterMs = Date.parse('2026-01-01T01:02:03.999Z');

describe('api/conditions', () => {
  const cases = [
    {
      name: 'adds a condition that is new, at whole seconds',
      before: [],
      update: { type: 'Ready', status: 'True', reason: 'Done', message: '' },
      want: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Done',
          message: '',
          lastTransitionTime: '2026-01-01T01:02:03Z',
        },
      ],
      changes: true,
    },
    {
      name: 'keeps the transition time when only the words change',
      before: [created],
      update: {
        type: 'Ready',
        status: 'False',
        reason: 'Creating',
        message: 'waiting for n3',
        observedGeneration: 1,
      },
      want: [{ ...created, message: 'waiting for n3' }],
      changes: true,
    },
    {
      name: 'keeps the transition time when only the generation moves',
      before: [created],
      update: { ...created, observedGeneration: 2 },
      want: [{ ...created, observedGeneration: 2 }],
      changes: true,
    },
    {
      name: 'moves the transition time with the status',
      before: [created],
      update: { type: 'Ready', status: 'True', reason: 'Created', message: '', observedGeneration: 1 },
      want: [
        {
          ...created,
          status: 'True',
          reason: 'Created',
          message: '',
          lastTransitionTime: '2026-01-01T01:02:03Z',
        },
      ],
      changes: true,
    },
    {
      name: 'changes nothing when nothing is new',
      before: [created],
      update: created,
      want: [created],
      changes: false,
    },
    {
      name: 'leaves the conditions of others alone',
      before: [{ ...created, type: 'Imported' }, created],
      update: { ...created, message: 'waiting for n3' },
      want: [
        { ...created, type: 'Imported' },
        { ...created, message: 'waiting for n3' },
      ],
      changes: true,
    },
  ] as const;
  for (const { name, before, update, want, changes } of cases) {
    it(name, () => {
      const status = { conditions: structuredClone([...before]) as Condition[] };
      const change = setCondition(
        status,
        {
          ...update,
          observedGeneration: 'observedGeneration' in update ? update.observedGeneration : undefined,
        },
        laterMs,
      );
      assert.deepEqual([status.conditions, change !== undefined], [want, changes]);
    });
  }

  it('says what stood there before', () => {
    const status = { conditions: [created] };
    const change = setCondition(status, { ...created, status: 'True' }, laterMs);
    assert.deepEqual([change?.before?.status, change?.after.status], ['False', 'True']);
  });

  it('makes the list when there is none', () => {
    const status: { conditions?: Condition[] } = {};
    setCondition(status, created, laterMs);
    assert.equal(findCondition(status, 'Ready')?.reason, 'Creating');
  });

  it('takes a missing condition as not true', () => {
    assert.deepEqual(
      [
        isTrue(undefined, 'Ready'),
        isTrue({}, 'Ready'),
        isTrue({ conditions: [created] }, 'Ready'),
        isTrue({ conditions: [{ ...created, status: 'True' }] }, 'Ready'),
      ],
      [false, false, false, true],
    );
  });
});
