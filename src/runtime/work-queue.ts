import { isApiError } from '../api/api-error.ts';
import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import { inStepIfLong } from '../base/in-step.ts';
import type { Logger } from '../base/logger.ts';
import { backoffMs, isAborted, type BackoffRange, type Random } from './backoff.ts';

/**
 * Keys to look at. A key waits at most once however often it is added, and is never handled twice at the same
 * time: added while it is being handled, it is handled once more afterwards.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key after a time, unless it is handled before that. The earlier of two times wins. */
  addAfter(key: string, ms: number): void;
  /**
   * Handles keys until the signal aborts; resolves when the last handler has returned. Keys that were added
   * before are kept, keys added after it are dropped.
   */
  run(signal: AbortSignal): Promise<void>;
  readonly counts: WorkQueueCounts;
}

export interface WorkQueueCounts {
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  /** Since the start: handler calls that returned, that threw, and that met a write conflict. */
  readonly handled: number;
  readonly failed: number;
  readonly conflicts: number;
}

/** `recheckMs` asks to look at the key again after about that time even if nothing adds it. */
export interface WorkResult {
  readonly recheckMs?: number;
}

export interface WorkQueueOptions {
  readonly name: string;
  readonly workers: number;
  /** Throwing means "again, with backoff"; the queue logs it. A write conflict is not worth a line. */
  readonly handle: (key: string, signal: AbortSignal) => Promise<WorkResult | undefined>;
  /** The longest that one call of `handle` may take before its signal aborts. */
  readonly deadlineMs: number;
  readonly backoff?: BackoffRange;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const defaultBackoff: BackoffRange = { initialMs: 200, maxMs: 60_000 };

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyQueue(options);
}

interface Timer {
  readonly atMs: number;
  readonly cancel: () => void;
}

class KeyQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  /** A Set keeps insertion order: it is the FIFO and its own index. */
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  /** Added while running; go back to `#waiting` when their handler returns. */
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  readonly #totals = { handled: 0, failed: 0, conflicts: 0 };
  #signal: AbortSignal | undefined;
  #idle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get counts(): WorkQueueCounts {
    return {
      waiting: this.#waiting.size + this.#again.size,
      delayed: this.#timers.size,
      running: this.#running.size,
      ...this.#totals,
    };
  }

  add(key: string): void {
    if (this.#signal?.aborted === true) return;
    (this.#running.has(key) ? this.#again : this.#waiting).add(key);
    this.#fill();
  }

  addAfter(key: string, ms: number): void {
    if (this.#signal?.aborted === true) return;
    const { clock } = this.#options;
    const atMs = clock.monotonicMs() + ms;
    const existing = this.#timers.get(key);
    if (existing !== undefined && existing.atMs <= atMs) return;
    existing?.cancel();
    const cancel = clock.after(ms, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { atMs, cancel });
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#signal !== undefined) throw new Error(`work queue ${this.#options.name} runs already`);
    this.#signal = signal;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#idle = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', this.#stop, { once: true });
    if (signal.aborted) this.#stop();
    else this.#fill();
    await promise;
  }

  readonly #stop = (): void => {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#waiting.clear();
    this.#again.clear();
    if (this.#running.size === 0) this.#idle?.();
  };

  #fill(): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    for (const key of this.#waiting) {
      if (signal.aborted || this.#running.size >= this.#options.workers) return;
      this.#waiting.delete(key);
      this.#running.add(key);
      this.#timers.get(key)?.cancel();
      this.#timers.delete(key);
      void this.#work(key, signal);
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { clock, deadlineMs, handle, name } = this.#options;
    try {
      using deadline = createDeadline(clock, deadlineMs, `handling ${name} ${key}`, signal);
      const result = await handle(key, deadline.signal);
      this.#totals.handled += 1;
      this.#failures.delete(key);
      if (result?.recheckMs !== undefined) this.addAfter(key, inStepIfLong(clock, result.recheckMs));
    } catch (error) {
      // What a handler throws after the stop is the stop itself.
      if (!isAborted(signal)) this.#retry(key, error);
    }
    this.#running.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    if (isAborted(signal)) this.#stop();
    else this.#fill();
  }

  #retry(key: string, error: unknown): void {
    const { backoff = defaultBackoff, logger, name, random } = this.#options;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const retryMs = backoffMs(backoff, failures, random);
    if (isApiError(error, 'Conflict')) this.#totals.conflicts += 1;
    else {
      this.#totals.failed += 1;
      logger.warn({ err: error, queue: name, key, failures, retryMs }, 'handling a key failed, trying again');
    }
    this.addAfter(key, retryMs);
  }
}
