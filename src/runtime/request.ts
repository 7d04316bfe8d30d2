import { text } from 'node:stream/consumers';
import { apiError } from '../api/api-error.ts';
import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import type { ApiConnection } from './api-connection.ts';
import { refusalFrom, unreachable } from './to-api-error.ts';

export interface ApiRequest {
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Of the body, where it is not JSON or, of a PATCH, a merge patch. */
  readonly contentType?: string;
}

export interface RequesterOptions {
  readonly connection: ApiConnection;
  /** Of the server, for error messages. */
  readonly server: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

/** Sends one request and answers the parsed body; rejects with an `ApiError`, or with the signal's reason. */
export type Requester = <T>(apiRequest: ApiRequest, signal: AbortSignal) => Promise<T>;

export function createRequester({ connection, server, clock, deadlineMs }: RequesterOptions): Requester {
  return async (apiRequest, signal) => {
    const { method, path } = apiRequest;
    const doing = `${method} ${path} at ${server}`;
    using deadline = createDeadline(clock, deadlineMs, doing, signal);
    const answer = await exchange(connection, apiRequest, deadline.signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (deadline.signal.aborted) throw apiError('Timeout', `${doing}: no answer in ${deadlineMs} ms`);
      throw unreachable(doing, error);
    });
    if (answer.code >= 300) throw refusalFrom(answer.code, answer.body, doing);
    return JSON.parse(answer.body) as never; // the server validates what it stores, so the type is the caller's
  };
}

async function exchange(
  connection: ApiConnection,
  { method, path, query = {}, body, contentType = defaultContentType(method) }: ApiRequest,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly body: string }> {
  const response = await connection.send(
    {
      method,
      path: withQuery(path, query),
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': contentType }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    signal,
  );
  return { code: response.statusCode ?? 0, body: await text(response) };
}

function defaultContentType(method: ApiRequest['method']): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const encoded = new URLSearchParams(query).toString();
  return encoded === '' ? path : `${path}?${encoded}`;
}
