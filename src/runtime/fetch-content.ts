import type { Readable } from 'node:stream';
import { request } from 'undici';
import type { ObjectName, Resource } from '../api/resource.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import { createDispatcher, requestHeaders, type ApiEndpoint } from './api-connection.ts';
import { resourcePath } from './resource-path.ts';
import { refusalFrom, unreachable } from './to-api-error.ts';
import { untilAborted } from './until-aborted.ts';

export interface Content {
  /** Ends with an error when the sender stops before the end. */
  readonly stream: Readable;
  /** Bytes, as announced by the sender. */
  readonly sizeBytes: number | undefined;
  /** Drops the connection. Call it when the stream has been read or is not wanted any more. */
  close(): Promise<void>;
}

export interface ContentRequest {
  /** A member that has the content. `serverName` is its name: its certificate must carry it. */
  readonly endpoint: ApiEndpoint;
  readonly resource: Resource<KubernetesObject>;
  readonly name: ObjectName;
  readonly clock: Clock;
}

const answerDeadlineMs = 15_000;

/**
 * Asks a member for the `content` sub-resource of an object, and answers as soon as the stream begins. The
 * reader sets the pace; it also has to watch for a stream that stands still. The signal ends both.
 */
export async function fetchContent(
  { endpoint, resource, name, clock }: ContentRequest,
  signal: AbortSignal,
): Promise<Content> {
  const dispatcher = createDispatcher(endpoint);
  const url = `${endpoint.server}${resourcePath(resource, name)}/content`;
  const doing = `GET ${url}`;
  const close = async (): Promise<void> => {
    await dispatcher.destroy();
  };
  try {
    // The deadline covers the wait for the first byte only: what follows may take as long as it flows.
    const answer = new AbortController();
    using deadline = createDeadline(clock, answerDeadlineMs, doing, signal);
    const giveUp = (): void => {
      answer.abort(deadline.signal.reason);
    };
    deadline.signal.addEventListener('abort', giveUp, { once: true });
    signal.addEventListener('abort', giveUp, { once: true });
    const headers = { ...requestHeaders(endpoint), accept: 'application/octet-stream' };
    const asked = request(url, { dispatcher, headers, signal: answer.signal });
    const response = await untilAborted(asked, answer.signal);
    deadline.signal.removeEventListener('abort', giveUp);
    if (response.statusCode !== 200)
      throw refusalFrom(response.statusCode, await response.body.text(), doing);
    const length = Number(response.headers['content-length']);
    return { stream: response.body, sizeBytes: Number.isSafeInteger(length) ? length : undefined, close };
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw error instanceof Error && error.name === 'ApiError' ? error : unreachable(doing, error);
  }
}
