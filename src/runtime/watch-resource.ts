import { type KubeConfig, Watch } from '@kubernetes/client-node';
import { ApiError, apiError } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { WatchEvent } from './cluster-api.ts';
import { isStatus, refusalFrom, unreachable } from './to-api-error.ts';

// A reader that is this far behind is better off with a new list.
const bufferedEventsMax = 10_000;

/**
 * Yields events until the server closes the stream (the normal end) or the signal aborts, and throws an
 * `ApiError` for everything else. client-node ends a stream that is silent for 30 s, so the bookmarks that are
 * asked for here are also what keeps a quiet watch alive.
 */
export async function* watchResource<T extends KubernetesObject>(
  kubeConfig: KubeConfig,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const buffer = new EventBuffer<T>();
  const started = new Watch(kubeConfig).watch(
    path,
    { ...query, allowWatchBookmarks: 'true' },
    (type, object: unknown) => {
      buffer.receive(type, object);
    },
    (error: unknown) => {
      buffer.end(error === null || error === undefined ? undefined : toWatchError(error, path));
    },
  );
  const stop = (): void => {
    buffer.end(undefined);
    // The library hands out its controller only when the response has begun.
    void started.then((controller) => {
      controller.abort();
    }, ignoreAfterStop);
  };
  started.catch((error: unknown) => {
    buffer.end(unreachable(`WATCH ${path}`, error));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* buffer.drain();
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** What fails after the stop was asked for: the reader has gone, and the connection goes with it. */
function ignoreAfterStop(): void {
  return undefined;
}

class EventBuffer<T extends KubernetesObject> {
  #events: WatchEvent<T>[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: ApiError | undefined;

  /** Called from the library's line handler, where a throw would be swallowed. */
  receive(type: string, object: unknown): void {
    if (this.#ended) return;
    if (type === 'ERROR') this.end(errorEvent(object));
    else if (this.#events.length >= bufferedEventsMax) {
      this.end(apiError('Expired', `the reader is more than ${bufferedEventsMax} events behind`));
    } else {
      this.#events.push(toWatchEvent(type, object as T)); // the server's objects are of the kind that was asked for
      this.#wake?.();
    }
  }

  end(error: ApiError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async *drain(): AsyncGenerator<WatchEvent<T>, void, undefined> {
    for (;;) {
      const events = this.#events;
      this.#events = [];
      yield* events;
      if (this.#events.length > 0) continue;
      if (this.#ended) break;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wake = () => {
        resolve(undefined);
      };
      await promise;
    }
    if (this.#error !== undefined) throw this.#error;
  }
}

function toWatchEvent<T extends KubernetesObject>(type: string, object: T): WatchEvent<T> {
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion ?? '' };
  return { type: type as 'ADDED' | 'DELETED' | 'MODIFIED', object }; // the remaining types of the protocol
}

function errorEvent(object: unknown): ApiError {
  if (isStatus(object)) return new ApiError(object);
  return apiError('InternalError', 'the watch ended with an error that says nothing');
}

function toWatchError(error: unknown, path: string): ApiError {
  if (typeof error === 'object' && error !== null && 'statusCode' in error) {
    return refusalFrom(Number(error.statusCode), '', `WATCH ${path}`);
  }
  return unreachable(`WATCH ${path}`, error);
}
