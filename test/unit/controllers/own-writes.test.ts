import assert from 'node:assert/strict';
import { createOwnWrites } from '../../../src/controllers/own-writes.ts';

function at(resourceVersion?: string) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  };
}

describe('controllers/own-writes', () => {
  const table: readonly { written?: string; cached?: string; outdated: boolean }[] = [
    { cached: '7', outdated: false },
    { written: '9', cached: '10', outdated: false },
    { written: '10', cached: '10', outdated: false },
    { written: '10', cached: '9', outdated: true },
    { written: '9007199254740993', cached: '9007199254740992', outdated: true },
    { written: 'not a number', cached: '1', outdated: false },
    { written: '10', outdated: false },
  ];
  for (const { written, cached, outdated } of table) {
    it(`wrote ${written ?? 'nothing'}, sees ${cached ?? 'no version'}: ${outdated ? 'waits' : 'decides'}`, () => {
      const writes = createOwnWrites();
      if (written !== undefined) writes.note('a', at(written));
      assert.equal(writes.isOutdated('a', at(cached)), outdated);
    });
  }

  it('knows nothing of an object that is gone', () => {
    const writes = createOwnWrites();
    writes.note('a', at('5'));
    writes.forget('a');
    assert.equal(writes.isOutdated('a', at('1')), false);
  });

  it('keeps the objects apart', () => {
    const writes = createOwnWrites();
    writes.note('a', at('5'));
    assert.equal(writes.isOutdated('b', at('1')), false);
  });
});
