import assert from 'node:assert/strict';

import fc from 'fast-check';

import { endOfPrefix, SortedKeys } from '../../../../../src/consensus/store/state/sorted-keys.ts';

describe('consensus/store/state/sorted-keys', () => {
  it('is a sorted set, also with many chunks', () => {
    const keys = new SortedKeys();
    const names = Array.from({ length: 5_000 }, (_, index) => `k${(index * 7_919) % 5_000}`);
    for (const name of names) keys.add(name);
    for (const name of names.slice(0, 1_000)) keys.delete(name);
    const want = names.slice(1_000).toSorted(byCodeUnit);
    assert.deepEqual([...keys.from('')], want);
    assert.equal(keys.size, want.length);
  });

  it('finds and counts like a sorted array', () => {
    const key = fc.string({ maxLength: 3 });
    const steps = fc.array(fc.record({ key, isAdd: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, key, key, (list, from, to) => {
        const keys = new SortedKeys();
        const model = new Set<string>();
        for (const { key: name, isAdd } of list) {
          if (isAdd) keys.add(name);
          else keys.delete(name);
          if (isAdd) model.add(name);
          else model.delete(name);
        }
        const sorted = [...model].toSorted(byCodeUnit);
        assert.deepEqual(
          [...keys.from(from)],
          sorted.filter((name) => name >= from),
        );
        assert.equal(keys.count(from, to), sorted.filter((name) => name >= from && name < to).length);
      }),
    );
  });

  const ends = [
    { name: 'the next letter', prefix: '/a/', want: '/a0' },
    { name: 'a carry over the highest unit', prefix: 'a\uffff', want: 'b' },
    { name: 'no end of everything', prefix: '', want: undefined },
    { name: 'no end of the highest unit', prefix: '\uffff', want: undefined },
  ];
  for (const { name, prefix, want } of ends)
    it(`ends a prefix: ${name}`, () => assert.equal(endOfPrefix(prefix), want));
});

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
