import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import { applyJsonPatch } from '../../../../src/apiserver/patch/json-patch.ts';

describe('apiserver/patch/json-patch', () => {
  const cases = [
    {
      name: 'adds a member',
      target: { a: 1 },
      patch: [{ op: 'add', path: '/b', value: 2 }],
      want: { a: 1, b: 2 },
    },
    {
      name: 'inserts an item',
      target: { l: [1, 3] },
      patch: [{ op: 'add', path: '/l/1', value: 2 }],
      want: { l: [1, 2, 3] },
    },
    {
      name: 'appends an item',
      target: { l: [1] },
      patch: [{ op: 'add', path: '/l/-', value: 2 }],
      want: { l: [1, 2] },
    },
    {
      name: 'removes',
      target: { a: 1, l: [1, 2] },
      patch: [
        { op: 'remove', path: '/a' },
        { op: 'remove', path: '/l/0' },
      ],
      want: { l: [2] },
    },
    {
      name: 'replaces',
      target: { a: 1, l: [1, 2] },
      patch: [{ op: 'replace', path: '/l/1', value: 9 }],
      want: { a: 1, l: [1, 9] },
    },
    {
      name: 'replaces the whole',
      target: { a: 1 },
      patch: [{ op: 'replace', path: '', value: { b: 2 } }],
      want: { b: 2 },
    },
    {
      name: 'moves',
      target: { a: { b: 1 } },
      patch: [{ op: 'move', from: '/a/b', path: '/c' }],
      want: { a: {}, c: 1 },
    },
    {
      name: 'copies by value',
      target: { a: { b: 1 } },
      patch: [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'replace', path: '/c/b', value: 2 },
      ],
      want: { a: { b: 1 }, c: { b: 2 } },
    },
    {
      name: 'tests deeply',
      target: { a: { b: [1] } },
      patch: [{ op: 'test', path: '/a', value: { b: [1] } }],
      want: { a: { b: [1] } },
    },
    {
      name: 'unescapes paths',
      target: { 'x/y~z': 1 },
      patch: [{ op: 'replace', path: '/x~1y~0z', value: 2 }],
      want: { 'x/y~z': 2 },
    },
    {
      name: 'takes null for a value',
      target: { a: 1 },
      patch: [
        { op: 'test', path: '/a', value: 1 },
        { op: 'add', path: '/a', value: null },
      ],
      want: { a: null },
    },
  ];
  for (const { name, target, patch, want } of cases) {
    it(name, () => {
      const before = structuredClone(target);
      assert.deepEqual(applyJsonPatch(target, patch), want);
      assert.deepEqual(target, before, 'the argument is untouched');
    });
  }

  const refused = [
    {
      name: 'a failed test',
      patch: [
        { op: 'add', path: '/b', value: 1 },
        { op: 'test', path: '/a', value: 2 },
      ],
      want: 422,
    },
    { name: 'the removal of what is absent', patch: [{ op: 'remove', path: '/b' }], want: 422 },
    { name: 'a path through nothing', patch: [{ op: 'add', path: '/b/c', value: 1 }], want: 422 },
    { name: 'an index with a leading zero', patch: [{ op: 'replace', path: '/l/00', value: 1 }], want: 422 },
    { name: 'an index beyond the end', patch: [{ op: 'add', path: '/l/2', value: 1 }], want: 422 },
    { name: 'a move into its own child', patch: [{ op: 'move', from: '/o', path: '/o/p' }], want: 422 },
    {
      name: 'a path to a prototype',
      patch: [{ op: 'add', path: '/__proto__/polluted', value: 1 }],
      want: 422,
    },
    {
      name: 'a new prototype',
      patch: [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }],
      want: 422,
    },
    {
      name: 'an inherited member',
      patch: [{ op: 'test', path: '/constructor/name', value: 'Object' }],
      want: 422,
    },
    { name: 'an unknown operation', patch: [{ op: 'merge', path: '/a' }], want: 400 },
    { name: 'a missing value', patch: [{ op: 'add', path: '/a' }], want: 400 },
    { name: 'a relative pointer', patch: [{ op: 'remove', path: 'a' }], want: 400 },
    { name: 'what is no list', patch: { op: 'remove', path: '/a' }, want: 400 },
    {
      name: 'too many operations',
      patch: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: 1 })),
      want: 413,
    },
  ];
  for (const { name, patch, want } of refused) {
    it(`refuses ${name}`, () => {
      const target = { a: 1, l: [1], o: { p: 1 } };
      assert.throws(
        () => applyJsonPatch(target, patch),
        (error) => isApiError(error) && error.code === want,
      );
      assert.deepEqual(target, { a: 1, l: [1], o: { p: 1 } });
      assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    });
  }
});
