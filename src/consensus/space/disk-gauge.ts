import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { describeDisk, judgeDisk, type DiskMeasure, type DiskReport } from './disk-level.ts';

export interface DiskGaugeOptions {
  readonly measure: () => Promise<DiskMeasure>;
  readonly clock: Clock;
  readonly logger: Logger;
}

// A busy cluster writes some 20 MB a second: nearer to the end it is worth looking often.
const nearLookMs = 250;
const farLookMs = 2_000;
const farFactor = 8;

/** Keeps looking at how much room this member's database has left. */
export class DiskGauge {
  readonly #options: DiskGaugeOptions;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  // Until the first look: nothing is refused for what nobody has seen.
  #report: DiskReport = { level: 'ok', freeBytes: 0, snapshotBytes: 0, neededBytes: 0 };
  #running: Promise<void> | undefined;
  #hasComplained = false;

  constructor(options: DiskGaugeOptions) {
    this.#options = options;
  }

  get report(): DiskReport {
    return this.#report;
  }

  /** Calls back when the level changed. */
  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  async start(): Promise<void> {
    await this.#look();
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const { freeBytes, neededBytes } = this.#report;
      const isFar = freeBytes > neededBytes * farFactor;
      try {
        await clock.sleep(isFar ? farLookMs : nearLookMs, this.#closing.signal);
      } catch {
        // This is how it ends.
        return;
      }
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { measure, logger } = this.#options;
    try {
      const before = this.#report.level;
      this.#report = judgeDisk(await measure(), before);
      this.#hasComplained = false;
      if (this.#report.level !== before) this.#announce();
    } catch (error) {
      if (!this.#hasComplained) {
        logger.warn({ cause: describeError(error) }, 'the disk of the database cannot be looked at');
      }
      this.#hasComplained = true;
    }
  }

  #announce(): void {
    const { logger } = this.#options;
    const { level } = this.#report;
    const fields = { level, disk: describeDisk(this.#report) };
    if (level === 'ok') logger.info(fields, 'the disk of the database has room again');
    else logger.warn(fields, 'the disk of the database is running full');
    for (const changed of [...this.#listeners]) changed();
  }
}
