import { request, type Dispatcher } from 'undici';
import { apiError } from '../api/api-error.ts';
import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import { requestHeaders, type ApiEndpoint } from './api-connection.ts';
import { refusalFrom, unreachable } from './to-api-error.ts';
import { untilAborted } from './until-aborted.ts';

export interface ApiRequest {
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Of the body, where it is not JSON or, of a PATCH, a merge patch. */
  readonly contentType?: string;
}

export interface RequesterOptions {
  readonly endpoint: ApiEndpoint;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

/** Sends one request and answers the parsed body; rejects with an `ApiError`, or with the signal's reason. */
export type Requester = <T>(apiRequest: ApiRequest, signal: AbortSignal) => Promise<T>;

export function createRequester({ endpoint, dispatcher, clock, deadlineMs }: RequesterOptions): Requester {
  const headers = { ...requestHeaders(endpoint), accept: 'application/json' };

  return async (apiRequest, signal) => {
    const { method, path, query = {}, body, contentType = defaultContentType(method) } = apiRequest;
    const doing = `${method} ${path} at ${endpoint.server}`;
    using deadline = createDeadline(clock, deadlineMs, doing, signal);
    const exchanged = exchange(`${endpoint.server}${path}`, {
      method,
      query,
      dispatcher,
      signal: deadline.signal,
      headers: body === undefined ? headers : { ...headers, 'content-type': contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await untilAborted(exchanged, deadline.signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (deadline.signal.aborted) throw apiError('Timeout', `${doing}: no answer in ${deadlineMs} ms`);
      throw unreachable(doing, error);
    });
    if (answer.code >= 300) throw refusalFrom(answer.code, answer.text, doing);
    return JSON.parse(answer.text) as never; // the server validates what it stores, so the type is the caller's
  };
}

function defaultContentType(method: ApiRequest['method']): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

async function exchange(
  url: string,
  options: Parameters<typeof request>[1],
): Promise<{ readonly code: number; readonly text: string }> {
  const response = await request(url, options);
  return { code: response.statusCode, text: await response.body.text() };
}
