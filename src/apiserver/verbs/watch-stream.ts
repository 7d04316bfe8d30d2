import { encodeJson } from '../schema/encode-json.ts';
import type { Status } from '../../api/api-error.ts';
import type { Clock } from '../../base/clock.ts';
import { inStep } from '../../base/in-step.ts';
import type { Change, StoredEntry } from '../../consensus/store/store.ts';
import { type AnyResponse, writeChunk } from '../http/exchange.ts';
import type { Transition, WatchEncoder } from './watch-encoder.ts';

export interface WatchStreamOptions {
  readonly response: AnyResponse;
  readonly encoder: WatchEncoder;
  readonly clock: Clock;
  readonly allowsBookmarks: boolean;
}

// Client-node gives up a watch that is silent for 30 s. Sooner, they would be much of what wakes a member at rest.
const bookmarkAfterMs = 24_000;
const roundedMs = 1_000; // by which a timer that goes off with others may come too soon
const maxQueuedChanges = 10_000; // a watcher that falls further behind is cut off, and resumes

type Item = () => Buffer;

/**
 * Writes one watch's lines as fast as its client reads them. Changes wait as references and are encoded only when
 * they are written, so that a slow client costs little memory until it is cut off.
 */
export class WatchStream {
  readonly #options: WatchStreamOptions;
  #queue: Item[] = [];
  /** Of the queue, what was there to catch up with: a client that resumes from far back must get through it. */
  #catchUpCount = 0;
  #isLive = false;
  #isWriting = false;
  #isEnding = false;
  #hasEnded = false;
  #revision = 0;
  #toldMs: number;
  #cancelTimer: () => void = () => undefined;
  readonly #end = Promise.withResolvers<undefined>();

  constructor(options: WatchStreamOptions) {
    this.#options = options;
    this.#toldMs = options.clock.monotonicMs();
    if (options.allowsBookmarks) this.#armBookmark();
    options.response.on('close', () => {
      this.#close();
    });
  }

  /** Resolves when the response is complete or its client is gone. */
  get ended(): Promise<undefined> {
    return this.#end.promise;
  }

  pushInitial(entries: readonly StoredEntry[]): void {
    for (const entry of entries) this.#queue.push(() => this.#options.encoder.initial(entry));
    this.#catchUpCount += entries.length;
    this.#pump();
  }

  /** From now on changes are news: a client that does not keep up with them is cut off. */
  startLive(): void {
    this.#isLive = true;
  }

  pushChange(change: Change, transition: Transition): void {
    if (this.#isEnding) return;
    this.#toldMs = this.#options.clock.monotonicMs();
    if (!this.#isLive) this.#catchUpCount += 1;
    if (this.#queue.length - this.#catchUpCount > maxQueuedChanges) this.#cutOff();
    else this.#push(() => this.#options.encoder.change(change, transition));
  }

  pushBookmark(revision: number, isInitialEnd: boolean): void {
    this.reached(revision);
    this.#push(() => this.#options.encoder.bookmark(revision, isInitialEnd));
  }

  /** The watcher has been given everything up to this revision. */
  reached(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Ends with a Status that tells the client what to do, such as listing again. */
  fail(status: Status): void {
    this.#push(() => Buffer.from(`{"type":"ERROR","object":${encodeJson(status)}}\n`));
    this.#isEnding = true;
    this.#pump();
  }

  /** Ends after what is queued; the client goes on from the last revision that it saw. */
  finish(): void {
    if (this.#isEnding) return;
    if (this.#options.response.destroyed) {
      this.#close();
      return;
    }
    if (this.#options.allowsBookmarks && this.#revision > 0) this.pushBookmark(this.#revision, false);
    this.#isEnding = true;
    this.#pump();
  }

  #push(item: Item): void {
    if (this.#isEnding) return;
    this.#queue.push(item);
    this.#pump();
  }

  /**
   * Soon and not at once: what is announced here was committed in this turn. The answer to whoever wrote it leaves
   * first, and what the other members need of it in the next, before this member tells its own watchers.
   */
  #pump(): void {
    if (this.#isWriting || this.#hasEnded) return;
    this.#isWriting = true;
    setImmediate(() => setImmediate(() => this.#start()));
  }

  #start(): void {
    this.#write().catch((error: unknown) => {
      this.#options.response.destroy(error instanceof Error ? error : undefined);
      this.#close();
    });
  }

  async #write(): Promise<void> {
    const { response } = this.#options;
    while (this.#queue.length > 0 && !this.#hasEnded) {
      const items = this.#queue.splice(0, 64);
      this.#catchUpCount = Math.max(0, this.#catchUpCount - items.length);
      const lines = items.map((item) => item());
      const [only] = lines;
      const hasRoom = writeChunk(
        response,
        only !== undefined && lines.length === 1 ? only : Buffer.concat(lines),
      );
      if (!hasRoom) await this.#drained();
    }
    this.#isWriting = false;
    if (!this.#isEnding || this.#hasEnded) return;
    response.end();
    this.#close();
  }

  #drained(): Promise<void> {
    const { response } = this.#options;
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }

  #armBookmark(): void {
    const { clock } = this.#options;
    const restMs = this.#toldMs + bookmarkAfterMs - clock.monotonicMs();
    this.#cancelTimer = clock.after(inStep(clock, restMs), () => {
      const nowMs = clock.monotonicMs();
      if (nowMs - this.#toldMs > bookmarkAfterMs - roundedMs) {
        this.#toldMs = nowMs;
        if (this.#revision > 0) this.pushBookmark(this.#revision, false);
      }
      if (!this.#isEnding) this.#armBookmark();
    });
  }

  #cutOff(): void {
    this.#options.response.destroy();
    this.#close();
  }

  #close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#isEnding = true;
    this.#queue = [];
    this.#cancelTimer();
    this.#end.resolve(undefined);
  }
}
