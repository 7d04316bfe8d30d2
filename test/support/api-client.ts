import { Agent, request } from 'undici';

export interface ClientTls {
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
}

/** The members of all answers that tests look at; an answer has those of its kind. */
export interface TestBody {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly deletionTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly continue: string;
    readonly remainingItemCount: number;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: unknown;
  readonly data: Readonly<Record<string, string>>;
  readonly items: readonly TestBody[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
  readonly reason: string;
  readonly message: string;
  readonly code: number;
  readonly details: { readonly kind: string; readonly causes: readonly unknown[] };
}

export interface TestResponse {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The decoded JSON; empty when the answer is something else. */
  readonly body: TestBody;
  readonly text: string;
}

export interface TestClient {
  send(
    method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestResponse>;
  /** Follows a watch; the iteration ends with the response. */
  watch(
    path: string,
    signal: AbortSignal,
    headers?: Record<string, string>,
    opened?: (code: number) => void,
  ): AsyncIterable<{ type: string; object: Record<string, unknown> }>;
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
        text,
        body: (isJson && text !== '' ? JSON.parse(text) : {}) as TestBody,
      };
    },
    async *watch(path, signal, headers = {}, opened = () => undefined) {
      const response = await request(url + path, { dispatcher: agent, method: 'GET', signal, headers });
      opened(response.statusCode);
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
