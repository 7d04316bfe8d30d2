import assert from 'node:assert/strict';

import { growingPercent } from '../../../../src/daemon/run/pace-collections.ts';

const megabyte = 1024 * 1024;

describe('growingPercent', () => {
  const cases = [
    { usedMegabytes: 10, percent: 150 },
    { usedMegabytes: 32, percent: 100 },
    { usedMegabytes: 64, percent: 50 },
    { usedMegabytes: 160, percent: 20 },
    { usedMegabytes: 1_000, percent: 20 },
  ];
  for (const { usedMegabytes, percent } of cases) {
    it(`lets a heap of ${usedMegabytes} MB grow by ${percent} %`, () => {
      assert.equal(growingPercent(usedMegabytes * megabyte), percent);
    });
  }
});
