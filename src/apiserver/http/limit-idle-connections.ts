import type { IncomingMessage } from 'node:http';
import type { Http2SecureServer, Http2ServerRequest, ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { AnyResponse } from './exchange.ts';

// HTTP/1.1 has one request at a time, and sends its head at once; Go's clients keep HTTP/2 sessions for 90 s.
const idleLimitMs = { http1: 30_000, http2: 180_000 };

/**
 * Cuts connections on which nothing is asked: half-open ones, and those that send the head of a request byte by byte.
 * Node's own limits do not reach connections that were accepted elsewhere and handed over.
 */
export function limitIdleConnections(server: Http2SecureServer, clock: Clock): void {
  const guards = new WeakMap<object, IdleGuard>();
  const guard = (connection: ServerHttp2Session | TLSSocket, limitMs: number): void => {
    const created = new IdleGuard(clock, limitMs, () => void connection.destroy());
    guards.set(connection, created);
    connection.once('close', () => created.stop());
  };
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') guard(socket, idleLimitMs.http1);
  });
  server.on('session', (session) => guard(session, idleLimitMs.http2));
  server.on('request', (request: Http2ServerRequest | IncomingMessage, response: AnyResponse) => {
    const connection = 'stream' in request ? request.stream.session : request.socket;
    const found = connection === undefined ? undefined : guards.get(connection);
    found?.begin();
    response.once('close', () => found?.end());
  });
}

/** The time without any request of one connection. */
class IdleGuard {
  readonly #arm: () => () => void;
  #requestCount = 0;
  #hasStopped = false;
  #cancel: () => void;

  constructor(clock: Clock, limitMs: number, expire: () => void) {
    this.#arm = () => clock.after(limitMs, expire);
    this.#cancel = this.#arm();
  }

  begin(): void {
    this.#requestCount += 1;
    this.#cancel();
  }

  end(): void {
    this.#requestCount -= 1;
    if (this.#requestCount === 0 && !this.#hasStopped) this.#cancel = this.#arm();
  }

  stop(): void {
    this.#hasStopped = true;
    this.#cancel();
  }
}
