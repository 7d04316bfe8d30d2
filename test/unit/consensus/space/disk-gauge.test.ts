import assert from 'node:assert/strict';

import { silentLogger } from '../../../../src/base/logger.ts';
import { DiskGauge } from '../../../../src/consensus/space/disk-gauge.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const mebibyte = 1024 * 1024;

function createBench(freeMebibytes: number) {
  const clock = new FakeClock();
  const disk = { freeMebibytes, looks: 0, kept: 0, isHanging: false };
  const hanging = Promise.withResolvers<undefined>();
  const gauge = new DiskGauge({
    async measure() {
      disk.looks += 1;
      if (disk.isHanging) await hanging.promise;
      return { freeBytes: disk.freeMebibytes * mebibyte, snapshotBytes: 0, reserveBytes: 0 };
    },
    reserve: {
      keep() {
        disk.kept += 1;
        return Promise.resolve();
      },
    },
    clock,
    logger: silentLogger,
  });
  return { clock, disk, gauge, answer: () => hanging.resolve(undefined) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('consensus/space/disk-gauge', () => {
  it('tells of a level that changed, and keeps the reserve with each look', async () => {
    const { clock, disk, gauge } = createBench(1_000);
    const told: string[] = [];
    gauge.subscribe(() => told.push(gauge.report.level));
    await gauge.start();
    for (const free of [1_000, 50, 10, 10, 1_000]) {
      disk.freeMebibytes = free;
      await clock.advance(2_000);
      await settle();
    }
    assert.deepEqual(told, ['low', 'full', 'ok']);
    assert.equal(disk.kept, disk.looks);
    await gauge.close();
  });

  it('looks at once when something found the disk full', async () => {
    const { disk, gauge } = createBench(1_000);
    await gauge.start();
    disk.freeMebibytes = 0;
    gauge.lookNow();
    await settle();
    assert.equal(gauge.report.level, 'full');
    await gauge.close();
  });

  it('looks the more seldom the more room there is', async () => {
    for (const [free, expected] of [
      [300, 120],
      [1_000, 15],
      [4_000, 3],
      [100_000, 1],
    ] as const) {
      const { clock, disk, gauge } = createBench(free);
      await gauge.start();
      for (let second = 0; second < 30; second += 1) await clock.advance(1_000);
      assert.equal(disk.looks - 1, expected, `with ${free} MiB`);
      await gauge.close();
    }
  });

  it('ends at once, also in the middle of a look', async () => {
    const { clock, disk, gauge, answer } = createBench(1_000);
    await gauge.start();
    disk.isHanging = true;
    await clock.advance(2_000);
    const closed = gauge.close();
    answer();
    await closed;
    assert.equal(disk.looks, 2);
  });
});
