import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { User } from '../authn/user.ts';
import type { RequestInfo } from './request-info.ts';

export type AnyRequest = Http2ServerRequest | IncomingMessage;
export type AnyResponse = Http2ServerResponse | ServerResponse;

export interface RequestLog {
  /** For whom it counts. */
  user: string;
  /** Where the client is. */
  address?: string | undefined;
  /** Who has logged in, and for whom they act with `--as`. */
  sender?: User;
  actsAs?: User;
  decision?: { readonly isAllowed: boolean; readonly reason: string };
  /** Set where the audit policy wants bodies. */
  keepsBody?: boolean;
  requestBody?: Buffer;
  /** Gives the room back that the request takes. */
  leave?: () => void;
}

/** One request and its answer, the same for HTTP/1.1 and HTTP/2. */
export interface Exchange {
  readonly request: AnyRequest;
  readonly response: AnyResponse;
  readonly method: string;
  readonly url: URL;
  /** Undefined when the path is malformed. */
  readonly info: RequestInfo | undefined;
  /** Watches and other long answers: no deadline, and they do not count as load. */
  readonly isStream: boolean;
  /** Aborts when the client goes away or the request's deadline passes. */
  readonly signal: AbortSignal;
  /** True once the connection or stream has ended. */
  readonly isClientGone: () => boolean;
  /** Texts for `Warning:` headers; kubectl prints them. */
  readonly warnings: Set<string>;
  /** Ties the answer's Audit-Id header to the log line. */
  readonly auditId: string;
  /** What the logs will say of the request, filled in as it becomes known. */
  readonly log: RequestLog;
}

/** The TLS connection below; HTTP/2 hides it behind a proxy that lacks the certificate methods. */
export function tlsSocketOf(request: AnyRequest): TLSSocket | undefined {
  const stream = 'stream' in request ? request.stream : undefined;
  return (stream === undefined ? request.socket : stream.session?.socket) as TLSSocket | undefined;
}

export function headerOf(request: AnyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** The TypeScript union of both responses has no callable `write`; their contracts are the same. */
export function writeChunk(response: AnyResponse, chunk: Uint8Array | string): boolean {
  return (response as ServerResponse).write(chunk);
}

export function sendHead(response: AnyResponse, code: number, headers: Record<string, string>): void {
  const writable = response as ServerResponse;
  writable.statusCode = code;
  for (const [name, value] of Object.entries(headers)) writable.setHeader(name, value);
}

/** Sends the head at once. HTTP/2 responses have the method as well; only its type is missing. */
export function flushHead(response: AnyResponse): void {
  (response as ServerResponse).flushHeaders();
}
