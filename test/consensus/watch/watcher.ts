import { setTimeout as delay } from 'node:timers/promises';

import type { MemberClient } from '../client/member-client.ts';
import { listObjects } from '../client/list-objects.ts';
import { collection } from '../client/object-requests.ts';
import type { Random } from '../random.ts';
import { StreamRecording } from './stream-recording.ts';
import type { ObservedObject, Selector, WatchStream } from './stream.ts';

export interface WatcherOptions {
  readonly name: string;
  /** Its own member first; after a cut it may go on with another. */
  readonly members: () => readonly NamedClient[];
  readonly selector: Selector | undefined;
  readonly random: Random;
  readonly note: (problem: string) => void;
}

export interface NamedClient {
  readonly name: string;
  readonly client: MemberClient;
}

// Writes go on all the time: a stream that is silent for this long belongs to a member that is cut off.
const silenceLimitMs = 2_500;
const pauseMs = 100;
const listPageSize = '40';

/**
 * Follows everything for the whole run as a client of Kubernetes does: list, watch from there, resume where the stream
 * stopped, here or at another member, and list again when that is too old. Some streams are ended early on purpose.
 */
export class Watcher {
  readonly streams: WatchStream[] = [];
  readonly #options: WatcherOptions;
  readonly #stopping = new AbortController();
  #reached: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** The newest revision that it knows of. */
  get reached(): number {
    return this.#reached ?? 0;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      if (signal.aborted) return;
      try {
        await this.#follow();
      } catch (error) {
        this.#options.note(`watch: ${String(error)}`);
      }
      await delay(pauseMs);
    }
  }

  async #follow(): Promise<void> {
    const { members, random } = this.#options;
    const all = members();
    const own = all.find(({ name }) => this.#options.name.startsWith(name)) ?? random.pick(all);
    const chosen = random.next() < 0.6 ? own : random.pick(all);
    if (this.#reached !== undefined) await this.#watch(chosen, this.#reached, undefined);
    else if (random.next() < 0.5) await this.#watch(chosen, undefined, []);
    else {
      const { revision, objects } = await listObjects(chosen.client, {
        ...this.#selection,
        limit: listPageSize,
      });
      await this.#watch(chosen, revision, objects);
    }
  }

  /** Without a start the server sends what there is first, and says where that ends. */
  async #watch(
    { name: member, client }: NamedClient,
    start: number | undefined,
    initial: readonly ObservedObject[] | undefined,
  ): Promise<void> {
    const { name: watcher, selector, random } = this.#options;
    const recording = new StreamRecording(start, initial);
    const query = new URLSearchParams({
      ...this.#selection,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(random.between(2, 12)),
      ...(start === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: String(start) }),
    });
    using silence = createSilenceLimit(this.#stopping.signal);
    try {
      for await (const line of client.watch(`${collection}?${query.toString()}`, silence.signal)) {
        silence.heard();
        recording.take(line);
        this.#reached = recording.reached ?? this.#reached;
      }
    } finally {
      const { startRevision, items } = recording;
      if (startRevision !== undefined) {
        this.streams.push({ watcher, member, selector, startRevision, initial: recording.initial, items });
      }
      if (recording.isExpired) this.#reached = undefined;
    }
  }

  get #selection(): Readonly<Record<string, string>> {
    const { selector } = this.#options;
    return selector === undefined ? {} : { labelSelector: `${selector.label}=${selector.value}` };
  }
}

interface SilenceLimit extends Disposable {
  readonly signal: AbortSignal;
  heard(): void;
}

function createSilenceLimit(stopping: AbortSignal): SilenceLimit {
  const silent = new AbortController();
  const cut = (): void => silent.abort(new Error('nothing was heard for a while'));
  let timer = setTimeout(cut, silenceLimitMs);
  return {
    signal: AbortSignal.any([silent.signal, stopping]),
    heard() {
      clearTimeout(timer);
      timer = setTimeout(cut, silenceLimitMs);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
