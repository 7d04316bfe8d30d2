import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { inStep } from '../../base/in-step.ts';
import type { Logger } from '../../base/logger.ts';
import { describeDisk, judgeDisk, type DiskMeasure, type DiskReport } from './disk-level.ts';
import type { DiskReserve } from './disk-reserve.ts';

export interface DiskGaugeOptions {
  readonly measure: () => Promise<DiskMeasure>;
  readonly reserve: Pick<DiskReserve, 'keep'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

// Nearer to the end it is worth looking often: a busy cluster writes some 20 MB a second, and others tenfold.
const nearLookMs = 250;
/** With so many times as much room as the database needs. */
const lookRules = [
  { factor: 120, everyMs: 30_000 },
  { factor: 40, everyMs: 10_000 },
  { factor: 8, everyMs: 2_000 },
] as const;

/** Keeps looking at how much room this member's database has left. */
export class DiskGauge {
  readonly #options: DiskGaugeOptions;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  // Until the first look: nothing is refused for what nobody has seen.
  #report: DiskReport = { level: 'ok', freeBytes: 0, snapshotBytes: 0, reserveBytes: 0, neededBytes: 0 };
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #keeping: Promise<void> | undefined;
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

  /** Something found the disk full: the next look may be too late. */
  lookNow(): void {
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.();
    await this.#running;
    await this.#keeping;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#pause();
      if (this.#closing.signal.aborted) return;
      await this.#look();
    }
  }

  async #pause(): Promise<void> {
    const { freeBytes, neededBytes } = this.#report;
    const rule = lookRules.find(({ factor }) => freeBytes > neededBytes * factor);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    // It ended while the disk was looked at.
    if (this.#closing.signal.aborted) return;
    const { clock } = this.#options;
    const cancel = clock.after(inStep(clock, rule?.everyMs ?? nearLookMs), () => resolve(undefined));
    this.#wake = () => resolve(undefined);
    await promise;
    cancel();
    this.#wake = undefined;
  }

  async #look(): Promise<void> {
    const { measure, reserve, logger } = this.#options;
    try {
      const before = this.#report.level;
      this.#report = judgeDisk(await measure(), before);
      this.#hasComplained = false;
      if (this.#report.level !== before) this.#announce();
      // Not waited for: a disk that is slow has to be looked at all the same.
      this.#keeping ??= reserve.keep(this.#report).finally(() => (this.#keeping = undefined));
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
