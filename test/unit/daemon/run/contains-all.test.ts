import assert from 'node:assert/strict';
import { containsAll } from '../../../../src/daemon/run/contains-all.ts';

describe('containsAll', () => {
  const cases: readonly (readonly [string, unknown, unknown, boolean])[] = [
    ['takes what is equal', { a: 1, b: ['x'] }, { a: 1, b: ['x'] }, true],
    ['takes what has more fields, at any depth', { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }, true],
    ['takes more fields in the items of a list', { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
    ['misses a field', { a: {} }, { a: { b: 1 } }, false],
    ['sees another value', { a: 1 }, { a: '1' }, false],
    ['sees a longer list', { a: ['x', 'y'] }, { a: ['x'] }, false],
    ['sees a shorter list', { a: ['x'] }, { a: ['x', 'y'] }, false],
    ['sees another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, false],
    ['takes no list for an object', { a: [] }, { a: {} }, false],
    ['finds nothing in nothing', undefined, { a: 1 }, false],
  ];
  for (const [name, found, wanted, expected] of cases) {
    it(name, () => {
      assert.equal(containsAll(found, wanted), expected);
    });
  }
});
