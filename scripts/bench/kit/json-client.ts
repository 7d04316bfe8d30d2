import type { Dispatcher } from 'undici';

import { type ApiEndpoint, createDispatcher, requestHeaders } from '../../../src/runtime/api-connection.ts';

const requestLimitMs = 10_000;

/** The API without a client library in between: what is measured is the member. */
export class JsonClient {
  readonly #endpoint: ApiEndpoint;
  readonly #dispatcher: Dispatcher;

  constructor(endpoint: ApiEndpoint) {
    this.#endpoint = endpoint;
    this.#dispatcher = createDispatcher(endpoint);
  }

  /** The status code; 0 when there was no answer. */
  async send(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<number> {
    try {
      const { statusCode, body: answer } = await this.#request(method, path, body);
      await answer.dump();
      return statusCode;
    } catch {
      // A connection that ended is one of the things that are counted.
      return 0;
    }
  }

  async get<T>(path: string): Promise<T> {
    const { statusCode, body } = await this.#request('GET', path);
    if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode} ${await body.text()}`);
    return (await body.json()) as T; // -- the caller says what the path serves
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  #request(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<Dispatcher.ResponseData> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return this.#dispatcher.request({
      ...{ origin: this.#endpoint.server, path, method },
      headers: { ...requestHeaders(this.#endpoint), 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestLimitMs),
    });
  }
}
