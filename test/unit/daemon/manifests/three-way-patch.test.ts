import assert from 'node:assert/strict';
import { threeWayPatch } from '../../../../src/daemon/manifests/three-way-patch.ts';

describe('daemon/manifests/three-way-patch', () => {
  const cases = [
    { name: 'does nothing when nothing differs', last: { a: 1 }, desired: { a: 1 }, live: { a: 1, b: 2 } },
    {
      name: 'sets what is missing',
      last: undefined,
      desired: { a: { b: 1 } },
      live: {},
      enforce: { a: { b: 1 } },
      seed: { a: { b: 1 } },
    },
    {
      name: 'takes away what the file no longer says',
      last: { a: 1, b: 2 },
      desired: { a: 1 },
      live: { a: 1, b: 2 },
      enforce: { b: null },
      seed: { b: null },
    },
    {
      name: 'leaves alone what the file never said',
      last: { a: 1 },
      desired: { a: 1 },
      live: { a: 1, labels: { x: 'y' } },
    },
    { name: 'does not take away twice', last: { a: 1, b: 2 }, desired: { a: 1 }, live: { a: 1 } },
    {
      name: 'puts back what a person changed, or leaves it',
      last: { a: 1 },
      desired: { a: 1 },
      live: { a: 9 },
      enforce: { a: 1 },
    },
    {
      name: 'puts back what a person took away, or leaves it',
      last: { a: 1 },
      desired: { a: 1 },
      live: {},
      enforce: { a: 1 },
    },
    {
      name: 'brings a new value of the file where nobody touched it',
      last: { a: 1 },
      desired: { a: 2 },
      live: { a: 1 },
      enforce: { a: 2 },
      seed: { a: 2 },
    },
    {
      name: 'lets the person win against a new value, or not',
      last: { a: 1 },
      desired: { a: 2 },
      live: { a: 9 },
      enforce: { a: 2 },
    },
    {
      name: 'replaces lists whole',
      last: { a: [1] },
      desired: { a: [1, 2] },
      live: { a: [1] },
      enforce: { a: [1, 2] },
      seed: { a: [1, 2] },
    },
    {
      name: 'makes an empty mapping',
      last: undefined,
      desired: { a: {} },
      live: {},
      enforce: { a: {} },
      seed: { a: {} },
    },
    {
      name: 'keeps what a person has where nobody remembers',
      last: undefined,
      desired: { a: 1 },
      live: { a: 9 },
      enforce: { a: 1 },
    },
    {
      name: 'takes away a changed field only where the file wins',
      last: { a: 1 },
      desired: {},
      live: { a: 9 },
      enforce: { a: null },
    },
  ];
  for (const { name, last, desired, live, enforce, seed } of cases) {
    it(name, () => {
      const values = { last, desired, live };
      assert.deepEqual(
        { enforce: threeWayPatch(values, 'enforce'), seed: threeWayPatch(values, 'seed') },
        { enforce, seed },
      );
    });
  }
});
