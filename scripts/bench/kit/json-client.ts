import { Agent, request } from 'node:https';

import type { ApiEndpoint } from '../../../src/runtime/api-connection.ts';

const requestLimitMs = 10_000;

/** The API without a client library in between: what is measured is the member. */
export class JsonClient {
  readonly #endpoint: ApiEndpoint;
  readonly #agent: Agent;

  constructor(endpoint: ApiEndpoint) {
    const { caPem: ca, certPem: cert, keyPem: key, serverName: servername } = endpoint;
    this.#endpoint = endpoint;
    this.#agent = new Agent({ keepAlive: true, ca, cert, key, servername });
  }

  /** The status code; 0 when there was no answer. */
  async send(method: string, path: string, body?: object): Promise<number> {
    try {
      return (await this.#request(method, path, body)).status;
    } catch {
      // A connection that ended is one of the things that are counted.
      return 0;
    }
  }

  async get<T>(path: string): Promise<T> {
    const { status, text } = await this.#request('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text) as T; // -- the caller says what the path serves
  }

  close(): void {
    this.#agent.destroy();
  }

  #request(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const signal = AbortSignal.timeout(requestLimitMs);
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, method, headers: { 'content-type': type }, signal };
      const sent = request(new URL(path, this.#endpoint.server), options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
