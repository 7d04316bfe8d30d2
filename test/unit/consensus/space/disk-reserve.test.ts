import assert from 'node:assert/strict';

import { silentLogger } from '../../../../src/base/logger.ts';
import { judgeDisk, type DiskLevel, type DiskReport } from '../../../../src/consensus/space/disk-level.ts';
import { DiskReserve } from '../../../../src/consensus/space/disk-reserve.ts';
import { planReserve } from '../../../../src/consensus/space/plan-reserve.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const mebibyte = 1024 * 1024;

function report(free: number, reserve: number, snapshot = 0, before: DiskLevel = 'ok'): DiskReport {
  const bytes = { freeBytes: free * mebibyte, snapshotBytes: snapshot * mebibyte };
  return judgeDisk({ ...bytes, reserveBytes: reserve * mebibyte }, before);
}

describe('consensus/space/disk-reserve', () => {
  const plans: readonly { name: string; disk: DiskReport; want: number }[] = [
    { name: 'four segments', disk: report(1_000, 0), want: 32 },
    { name: 'four segments beside a small snapshot', disk: report(1_000, 0, 3), want: 32 },
    { name: 'room for a snapshot', disk: report(1_000, 32, 10), want: 40 },
    { name: 'no more than it has', disk: report(1_000, 32), want: 32 },
    { name: 'what it has when the snapshots shrink', disk: report(1_000, 80), want: 80 },
    { name: 'what is left over', disk: report(100, 0), want: 16 },
    { name: 'nothing where nothing is left over', disk: report(85, 0), want: 0 },
    { name: 'nothing while the disk is low', disk: report(60, 8), want: 8 },
    { name: 'nothing until the disk is well again', disk: report(70, 8, 0, 'low'), want: 8 },
  ];
  for (const { name, disk, want } of plans) {
    it(`plans ${name}`, () => assert.equal(planReserve(disk) / mebibyte, want));
  }

  it('never makes the disk low by itself', () => {
    for (let free = 64; free < 300; free += 1) {
      const before = report(free, 0);
      const takenBytes = planReserve(before);
      const after = report(free - takenBytes / mebibyte, takenBytes / mebibyte);
      assert.equal(after.level, 'ok', `${free} MiB`);
    }
  });

  it('tries again some time after a failure, and says no more of it', async () => {
    const clock = new FakeClock();
    const tries: number[] = [];
    const reserve = new DiskReserve({
      grow: (bytes) => {
        tries.push(bytes / mebibyte);
        return Promise.reject(new Error('not supported'));
      },
      clock,
      logger: silentLogger,
    });
    await reserve.keep(report(1_000, 0));
    await reserve.keep(report(1_000, 0));
    await clock.advance(60_000);
    await reserve.keep(report(1_000, 32));
    await reserve.keep(report(1_000, 0));
    assert.deepEqual(tries, [32, 32]);
  });
});
