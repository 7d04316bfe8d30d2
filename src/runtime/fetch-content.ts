import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ObjectName, Resource } from '../api/resource.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import { openApiConnection, type ApiEndpoint } from './api-connection.ts';
import { resourcePath } from './resource-path.ts';
import { refusalFrom, unreachable } from './to-api-error.ts';

export interface Content {
  /** Ends with an error when the sender stops before the end. */
  readonly stream: Readable;
  /** Bytes, as announced by the sender. */
  readonly sizeBytes: number | undefined;
  /** Drops the connection. Call it when the stream has been read or is not wanted any more. */
  close(): Promise<void>;
}

export interface ContentRequest {
  /** A member that has the content; what it sends is checked by its digest. */
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
  const connection = openApiConnection(endpoint);
  const path = `${resourcePath(resource, name)}/content`;
  const doing = `GET ${endpoint.server}${path}`;
  try {
    // For the wait for the first byte only: once disposed, its signal aborts with the caller's only.
    using deadline = createDeadline(clock, answerDeadlineMs, doing, signal);
    const headers = { accept: 'application/octet-stream' };
    const response = await connection.send({ method: 'GET', path, headers }, deadline.signal);
    if (response.statusCode !== 200) throw refusalFrom(response.statusCode ?? 0, await text(response), doing);
    const length = Number(response.headers['content-length'] ?? Number.NaN);
    const close = (): Promise<void> => {
      response.destroy();
      connection.close();
      return Promise.resolve();
    };
    return { stream: response, sizeBytes: Number.isSafeInteger(length) ? length : undefined, close };
  } catch (error) {
    connection.close();
    signal.throwIfAborted();
    throw error instanceof Error && error.name === 'ApiError' ? error : unreachable(doing, error);
  }
}
