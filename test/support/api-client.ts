import { Agent, request } from 'undici';

export interface ClientTls {
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
}

export interface TestResponse {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decoded when it is JSON, text otherwise. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

export interface TestClient {
  send(
    method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestResponse>;
  /** Follows a watch; the iteration ends with the response. */
  watch(path: string, signal: AbortSignal): AsyncIterable<{ type: string; object: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** Plain HTTP requests to an API server: no client library stands between the test and the wire. */
export function createTestClient(url: string, tls: ClientTls): TestClient {
  const agent = new Agent({
    connect: { ca: tls.caPem, cert: tls.certPem, key: tls.keyPem, servername: 'localhost' },
  });
  return {
    async send(method, path, body, headers = {}) {
      const response = await request(url + path, {
        dispatcher: agent,
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: encodeBody(body),
      });
      const text = await response.body.text();
      const isJson = (response.headers['content-type'] ?? '').toString().startsWith('application/json');
      return {
        code: response.statusCode,
        headers: response.headers,
        body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text,
      };
    },
    async *watch(path, signal) {
      const response = await request(url + path, { dispatcher: agent, method: 'GET', signal });
      let rest = '';
      for await (const chunk of response.body.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          yield JSON.parse(line) as { type: string; object: Record<string, unknown> };
        }
      }
    },
    close: () => agent.destroy(),
  };
}

function encodeBody(body: unknown): Buffer | string | null {
  if (body === undefined) return null;
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}
