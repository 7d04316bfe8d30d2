import assert from 'node:assert/strict';

import { describeDisk, judgeDisk, type DiskLevel } from '../../../../src/consensus/space/disk-level.ts';

const mebibyte = 1024 * 1024;
const judge = (free: number, before: DiskLevel, snapshot = 0): DiskLevel =>
  judgeDisk({ freeBytes: free * mebibyte, snapshotBytes: snapshot * mebibyte, reserveBytes: 0 }, before)
    .level;

describe('consensus/space/disk-level', () => {
  const cases: readonly (readonly [number, DiskLevel, DiskLevel, number?])[] = [
    [1_000, 'ok', 'ok'],
    [64, 'ok', 'ok'],
    [63, 'ok', 'low'],
    [24, 'ok', 'low'],
    [23, 'ok', 'full'],
    // More has to be free again than when the level began.
    [70, 'low', 'low'],
    [80, 'low', 'ok'],
    [29, 'full', 'full'],
    [30, 'full', 'low'],
    [79, 'full', 'low'],
    [80, 'full', 'ok'],
    // Getting worse has no such margin.
    [24, 'low', 'low'],
    [23, 'low', 'full'],
    // Two snapshots have to fit.
    [163, 'ok', 'low', 50],
    [164, 'ok', 'ok', 50],
    [73, 'ok', 'full', 50],
  ];
  for (const [free, before, level, snapshot] of cases) {
    it(`is ${level} with ${free} MiB free, after ${before}, with a snapshot of ${snapshot ?? 0} MiB`, () => {
      assert.equal(judge(free, before, snapshot), level);
    });
  }

  it('is told in round figures', () => {
    const tell = (free: number, reserve: number): string => {
      const bytes = { freeBytes: free * mebibyte, reserveBytes: reserve * mebibyte };
      return describeDisk(judgeDisk({ ...bytes, snapshotBytes: 0 }, 'ok'));
    };
    assert.equal(tell(30.7, 32), '30 MiB left where the database needs 64 MiB');
    const full = '12 MiB left where the database needs 64 MiB, and 8 MiB set aside for deletions';
    assert.equal(tell(12.7, 8), full);
  });
});
