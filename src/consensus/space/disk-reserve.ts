import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { DiskReport } from './disk-level.ts';
import { planReserve } from './plan-reserve.ts';

export interface DiskReserveOptions {
  /** Sets so much aside in all. */
  readonly grow: (bytes: number) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

// A file system that cannot do it will not learn to; a disk that was full for a moment may have room.
const retryMs = 60_000;

/**
 * Room for deletions, set aside while there is plenty. The helper gives it up within the very call that finds the
 * disk full; here it is only filled up again.
 */
export class DiskReserve {
  readonly #options: DiskReserveOptions;
  #failedMs = -Infinity;
  #hasFailed = false;

  constructor(options: DiskReserveOptions) {
    this.#options = options;
  }

  async keep(report: DiskReport): Promise<void> {
    const { grow, clock, logger } = this.#options;
    const bytes = planReserve(report);
    if (bytes <= report.reserveBytes || clock.monotonicMs() - this.#failedMs < retryMs) return;
    try {
      await grow(bytes);
      this.#hasFailed = false;
      logger.info({ bytes }, 'room is set aside for the time when the disk is full');
    } catch (error) {
      if (!this.#hasFailed) logger.warn({ cause: describeError(error) }, 'no room can be set aside');
      this.#hasFailed = true;
      this.#failedMs = clock.monotonicMs();
    }
  }
}
