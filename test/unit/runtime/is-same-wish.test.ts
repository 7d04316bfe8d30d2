import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../../src/api/meta.ts';
import { isSameWish } from '../../../src/runtime/is-same-wish.ts';

const before = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Network',
  metadata: { name: 'a', resourceVersion: '1', labels: { x: 'y' } },
  spec: { type: 'bridge' },
};

const rows: readonly { name: string; after: object; isSame: boolean }[] = [
  { name: 'a status that was written meanwhile', after: { ...before, status: { state: 'x' } }, isSame: true },
  {
    name: 'a finalizer that was put on meanwhile',
    after: { ...before, metadata: { ...before.metadata, resourceVersion: '2', finalizers: ['f'] } },
    isSame: true,
  },
  { name: 'another spec', after: { ...before, spec: { type: 'macvlan' } }, isSame: false },
  {
    name: 'another label',
    after: { ...before, metadata: { ...before.metadata, labels: { x: 'z' } } },
    isSame: false,
  },
  { name: 'other data', after: { ...before, data: { a: '1' } }, isSame: false },
];

describe('runtime/is-same-wish', () => {
  for (const { name, after, isSame } of rows) {
    it(`takes ${name} for ${isSame ? 'no change' : 'a change'}`, () => {
      assert.equal(isSameWish(before, after as KubernetesObject), isSame);
    });
  }
});
