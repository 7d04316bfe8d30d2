import assert from 'node:assert/strict';
import { mergeDiff } from '../../../src/runtime/merge-diff.ts';

describe('runtime/merge-diff', () => {
  const cases: { name: string; before: unknown; after: unknown; want: unknown }[] = [
    {
      name: 'says nothing about equal objects',
      before: { a: [1, { b: 2 }] },
      after: { a: [1, { b: 2 }] },
      want: undefined,
    },
    {
      name: 'names only what changed',
      before: { a: 1, b: { c: 1, d: 2 } },
      after: { a: 1, b: { c: 1, d: 3 } },
      want: { b: { d: 3 } },
    },
    { name: 'adds fields', before: { a: {} }, after: { a: { b: { c: 1 } } }, want: { a: { b: { c: 1 } } } },
    { name: 'removes with null', before: { a: 1, b: 2 }, after: { b: 2 }, want: { a: null } },
    { name: 'takes undefined for absent', before: { a: 1 }, after: { a: 1, b: undefined }, want: undefined },
    { name: 'replaces lists whole', before: { a: [1, 2, 3] }, after: { a: [1, 3] }, want: { a: [1, 3] } },
    {
      name: 'replaces a value by an object',
      before: { a: 1 },
      after: { a: { b: 1 } },
      want: { a: { b: 1 } },
    },
    {
      name: 'empties an object field by field',
      before: { a: { b: 1 } },
      after: { a: {} },
      want: { a: { b: null } },
    },
  ];
  for (const { name, before, after, want } of cases) {
    it(name, () => {
      assert.deepEqual(mergeDiff(before, after), want);
    });
  }
});
