import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { runHelper } from '../engine/helper-command.ts';
import { DiskGauge } from './disk-gauge.ts';
import { DiskReserve } from './disk-reserve.ts';
import { measureDisk } from './measure-disk.ts';

export interface OwnDiskOptions {
  readonly databaseDir: string;
  /** The file that is given up when the disk is full. */
  readonly reserveFile: string;
  readonly helperPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const reserveLimitMs = 10_000;

/** Gauges the disk of the database, and sets room aside on it. */
export function gaugeOwnDisk(options: OwnDiskOptions): DiskGauge {
  const { databaseDir, reserveFile, helperPath, clock, logger } = options;
  const reserve = new DiskReserve({
    grow(bytes) {
      const args = ['reserve', '--reserve', reserveFile, '--reserve-bytes', String(bytes)];
      return runHelper({ helperPath, args, doing: 'setting room aside', limitMs: reserveLimitMs });
    },
    ...{ clock, logger },
  });
  return new DiskGauge({ measure: () => measureDisk(databaseDir, reserveFile), reserve, clock, logger });
}
