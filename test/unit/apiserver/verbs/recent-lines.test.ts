import assert from 'node:assert/strict';

import { RecentLines } from '../../../../src/apiserver/verbs/recent-lines.ts';
import type { Change } from '../../../../src/consensus/store/store.ts';

const changeAt = (revision: number): Change => ({
  key: '/registry/core/configmaps/default/a',
  revision,
});

describe('apiserver/recent-lines', () => {
  it('encodes an event once for all who are told of it', () => {
    const lines = new RecentLines();
    const change = changeAt(1);
    let encoded = 0;
    const encode = (): Buffer => Buffer.from(String((encoded += 1)));
    assert.equal(lines.get(change, 'ADDED', encode), lines.get(change, 'ADDED', encode));
    assert.equal(encoded, 1);
  });

  it('keeps no more alive than the event', () => {
    const line = new RecentLines().get(changeAt(1), 'ADDED', () => Buffer.from('a view of a shared block'));
    assert.equal(line.buffer.byteLength, line.byteLength);
  });

  it('keeps the events of one change apart by their type', () => {
    const lines = new RecentLines();
    const change = changeAt(1);
    const first = lines.get(change, 'ADDED', () => Buffer.from('added'));
    const second = lines.get(change, 'DELETED', () => Buffer.from('deleted'));
    assert.deepEqual([first.toString(), second.toString()], ['added', 'deleted']);
  });

  for (const [name, bytes, count] of [
    ['many', 1, 200],
    ['big', 300_000, 8],
  ] as const) {
    it(`forgets the oldest of ${name} events, and knows the newest`, () => {
      const lines = new RecentLines();
      const changes = Array.from({ length: count }, (_, index) => changeAt(index));
      const encode = (): Buffer => Buffer.alloc(bytes);
      const kept = changes.map((change) => lines.get(change, 'ADDED', encode));
      const isKnown = (index: number): boolean =>
        lines.get(changes[index] ?? changeAt(0), 'ADDED', encode) === kept[index];
      assert.equal(isKnown(count - 1), true);
      assert.equal(isKnown(0), false);
    });
  }
});
