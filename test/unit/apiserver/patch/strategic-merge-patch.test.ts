import assert from 'node:assert/strict';
import { applyStrategicMergePatch } from '../../../../src/apiserver/patch/strategic-merge-patch.ts';

const owners = [
  { uid: '1', name: 'a' },
  { uid: '2', name: 'b' },
];

describe('apiserver/patch/strategic-merge-patch', () => {
  const cases = [
    {
      name: 'merges maps and deletes nulls',
      target: { data: { a: '1', b: '2' } },
      patch: { data: { a: null, c: '3' } },
      want: { data: { b: '2', c: '3' } },
    },
    {
      name: 'replaces lists without a key',
      target: { rules: [1, 2] },
      patch: { rules: [3] },
      want: { rules: [3] },
    },
    {
      name: 'merges lists by their key',
      target: { ownerReferences: owners },
      patch: { ownerReferences: [{ uid: '2', name: 'c' }, { uid: '3' }] },
      want: { ownerReferences: [owners[0], { uid: '2', name: 'c' }, { uid: '3' }] },
    },
    {
      name: 'deletes an item',
      target: { ownerReferences: owners },
      patch: { ownerReferences: [{ $patch: 'delete', uid: '1' }] },
      want: { ownerReferences: [owners[1]] },
    },
    {
      name: 'replaces a keyed list on demand',
      target: { ownerReferences: owners },
      patch: { ownerReferences: [{ uid: '9' }, { $patch: 'replace' }] },
      want: { ownerReferences: [{ uid: '9' }] },
    },
    {
      name: 'adds to sets once',
      target: { finalizers: ['a'] },
      patch: { finalizers: ['a', 'b'] },
      want: { finalizers: ['a', 'b'] },
    },
    {
      name: 'deletes from sets',
      target: { finalizers: ['a', 'b'] },
      patch: { '$deleteFromPrimitiveList/finalizers': ['a'] },
      want: { finalizers: ['b'] },
    },
    {
      name: 'orders lists',
      target: { finalizers: ['a', 'b', 'c'] },
      patch: { '$setElementOrder/finalizers': ['c', 'a'] },
      want: { finalizers: ['c', 'a', 'b'] },
    },
    {
      name: 'replaces a map on demand',
      target: { data: { a: '1' } },
      patch: { data: { $patch: 'replace', b: '2' } },
      want: { data: { b: '2' } },
    },
    {
      name: 'keeps only the retained keys',
      target: { data: { a: '1', b: '2' } },
      patch: { data: { $retainKeys: ['b'], b: '3' } },
      want: { data: { b: '3' } },
    },
  ];
  for (const { name, target, patch, want } of cases) {
    it(name, () => {
      const before = structuredClone(target);
      assert.deepEqual(applyStrategicMergePatch(target, patch), want);
      assert.deepEqual(target, before);
    });
  }
});
