import assert from 'node:assert/strict';

import { judgeGrowth, raisePeaks, type Stretch } from '../../../../scripts/bench/churn/judge-growth.ts';

const stretch = (memoryBytes: number, diskBytes: number): Stretch => ({
  ...{ writes: 1, seconds: 1 },
  peaks: [{ memoryBytes, diskBytes }],
});

describe('scripts/bench/churn/judge-growth', () => {
  const cases: readonly { name: string; memory: readonly number[]; want: [number, number, boolean] }[] = [
    { name: 'a level that was found', memory: [100, 300, 310, 305], want: [300, 310, true] },
    { name: 'a peak of the first half', memory: [400, 300, 310, 305], want: [400, 310, true] },
    {
      name: 'a peak of the last half that others do not hide',
      memory: [300, 300, 400, 300],
      want: [300, 400, false],
    },
    { name: 'steady growth', memory: [100, 200, 300, 400], want: [200, 400, false] },
    {
      name: 'an odd number, whose middle is of the first half',
      memory: [100, 300, 300],
      want: [300, 300, true],
    },
  ];
  for (const { name, memory, want } of cases) {
    it(`judges ${name}`, () => {
      const [inMemory, onDisk] = judgeGrowth(
        ['n1'],
        memory.map((bytes) => stretch(bytes, 50)),
      );
      assert.deepEqual([inMemory?.firstBytes, inMemory?.lastBytes, inMemory?.isBounded], want);
      assert.deepEqual([onDisk?.what, onDisk?.isBounded], ['disk', true]);
    });
  }

  it('keeps the highest of each figure by itself', () => {
    const before = [{ memoryBytes: 5, diskBytes: 1 }];
    const peaks = raisePeaks(before, [
      { memoryBytes: 3, diskBytes: 2 },
      { memoryBytes: 7, diskBytes: 7 },
    ]);
    assert.deepEqual(peaks, [
      { memoryBytes: 5, diskBytes: 2 },
      { memoryBytes: 7, diskBytes: 7 },
    ]);
  });
});
