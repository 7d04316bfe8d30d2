import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApiError, apiError } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import { inStep } from '../base/in-step.ts';
import type { ApiConnection } from './api-connection.ts';
import type { WatchEvent } from './cluster-api.ts';
import { withQuery } from './request.ts';
import { isStatus, refusalFrom, unreachable } from './to-api-error.ts';

export interface WatchRequest {
  readonly connection: ApiConnection;
  readonly clock: Clock;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

const answerLimitMs = 15_000;
// The server sends a bookmark after 24 s: a connection this silent is dead, though nobody said so.
const silenceLimitMs = 30_000;

/**
 * Yields events until the server closes the stream (the normal end) or the signal aborts, and throws an
 * `ApiError` for everything else. A slow reader slows the stream down; the server then cuts it off.
 */
export async function* watchResource<T extends KubernetesObject>(
  watchRequest: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const doing = `WATCH ${watchRequest.path}`;
  try {
    const response = await open(watchRequest, doing, signal);
    const progress: Progress = { isReading: true, hasHeard: false };
    const cancel = endWhenSilent(response, progress, watchRequest.clock);
    try {
      for await (const line of linesOf(response, progress)) yield parseEvent<T>(line, doing);
    } finally {
      cancel();
      response.destroy();
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof ApiError ? error : unreachable(doing, error);
  }
}

async function open(
  { connection, clock, path, query }: WatchRequest,
  doing: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target = withQuery(path, { ...query, watch: 'true', allowWatchBookmarks: 'true' });
  // Once it is disposed the deadline is over, and its signal aborts with the caller's only.
  using deadline = createDeadline(clock, answerLimitMs, doing, signal);
  const headers = { accept: 'application/json' };
  const response = await connection.send({ method: 'GET', path: target, headers }, deadline.signal);
  if (response.statusCode === 200) return response;
  throw refusalFrom(response.statusCode ?? 0, await text(response), doing);
}

interface Progress {
  /** Whether the reader waits for the next chunk; while it is busy, silence says nothing. */
  isReading: boolean;
  hasHeard: boolean;
}

/** Looks once in a while whether anything came, which costs less than a timer that every chunk moves. */
function endWhenSilent(response: IncomingMessage, progress: Progress, clock: Clock): () => void {
  let cancel: () => void;
  const look = (): void => {
    if (progress.isReading && !progress.hasHeard) {
      response.destroy(new Error(`nothing came for ${silenceLimitMs / 1_000} s`));
      return;
    }
    progress.hasHeard = false;
    cancel = clock.after(inStep(clock, silenceLimitMs), look);
  };
  cancel = clock.after(inStep(clock, silenceLimitMs), look);
  return () => {
    cancel();
  };
}

async function* linesOf(
  response: IncomingMessage,
  progress: Progress,
): AsyncGenerator<string, void, undefined> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) {
    progress.hasHeard = true;
    progress.isReading = false;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
    progress.isReading = true;
  }
}

function parseEvent<T extends KubernetesObject>(line: string, doing: string): WatchEvent<T> {
  const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: T }; // the API's own form
  if (type === 'ERROR') throw errorEvent(object, doing);
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion ?? '' };
  return { type: type as 'ADDED' | 'DELETED' | 'MODIFIED', object }; // the remaining types of the protocol
}

function errorEvent(object: unknown, doing: string): ApiError {
  if (isStatus(object)) return new ApiError(object);
  return apiError('InternalError', `${doing} ended with an error that says nothing`);
}
