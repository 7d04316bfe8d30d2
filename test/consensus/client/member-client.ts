import { Agent, errors } from 'undici';

import type { ClientTls } from '../../support/api-client.ts';

/** What became of one request, as far as its sender can know. */
export type Reply =
  | { readonly kind: 'answer'; readonly code: number; readonly body: ReplyBody }
  /** It never left: nothing can have happened. */
  | { readonly kind: 'not sent'; readonly problem: string }
  /** It may have had its effect, or have it later. */
  | { readonly kind: 'lost'; readonly problem: string };

export interface ReplyBody {
  readonly kind?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly continue?: string;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: unknown;
  readonly items?: readonly ReplyBody[];
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Requests to one member over connections that are kept open, as a busy client's are. */
export interface MemberClient {
  send(
    method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
    path: string,
    options?: SendOptions,
  ): Promise<Reply>;
  /** Lines of a watch, until it ends by itself, fails, or `signal` cuts it. */
  watch(path: string, signal: AbortSignal): AsyncIterable<unknown>;
  close(): Promise<void>;
}

const defaultTimeoutMs = 2_500;
const connectTimeoutMs = 1_500;

export function createMemberClient(address: string, tls: ClientTls): MemberClient {
  const origin = `https://${address}`;
  const connect = { ca: tls.caPem, cert: tls.certPem, key: tls.keyPem, servername: 'localhost' };
  // Over HTTP/2 a big body that is given up on makes Node's client write for ever, until there is no memory left.
  const agent = new Agent({
    connect: { ...connect, timeout: connectTimeoutMs },
    pipelining: 1,
    allowH2: false,
  });
  return {
    async send(method, path, { body, headers = {}, timeoutMs = defaultTimeoutMs } = {}) {
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      try {
        const response = await agent.request({
          ...{ origin, path, method, signal: AbortSignal.timeout(timeoutMs) },
          headers: { ...(body === undefined ? {} : { 'content-type': contentType }), ...headers },
          body: body === undefined ? null : JSON.stringify(body),
        });
        const text = await response.body.text();
        return { kind: 'answer', code: response.statusCode, body: parseBody(text) };
      } catch (error) {
        return describeFailure(error);
      }
    },
    async *watch(path, signal) {
      const response = await agent.request({ origin, path, method: 'GET', signal });
      if (response.statusCode !== 200) {
        throw new Error(`the watch is answered with ${response.statusCode}: ${await response.body.text()}`);
      }
      let rest = '';
      for await (const chunk of response.body.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line);
      }
    },
    close: () => agent.destroy(),
  };
}

function parseBody(text: string): ReplyBody {
  try {
    return JSON.parse(text) as ReplyBody; // whoever reads a field checks that it is there
  } catch {
    // Not every refusal has a Status.
    return { message: text.slice(0, 200) };
  }
}

function describeFailure(error: unknown): Reply {
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const isRefused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
  const isUnconnected = isRefused || error instanceof errors.ConnectTimeoutError;
  // Without its handshake a connection carries no request.
  if (isUnconnected || problem.includes('before secure TLS connection')) return { kind: 'not sent', problem };
  return { kind: 'lost', problem };
}
