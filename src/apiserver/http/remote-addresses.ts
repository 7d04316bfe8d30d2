import { AsyncLocalStorage } from 'node:async_hooks';
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { AnyRequest } from './exchange.ts';

/** Where clients are whose connections were accepted elsewhere and handed over: their sockets do not know it. */
export interface RemoteAddresses {
  /** Runs `accept`, which begins the TLS handshake of a client at this address. */
  remember(address: string, accept: () => void): void;
  of(request: AnyRequest): string | undefined;
}

export function createRemoteAddresses(server: Http2SecureServer): RemoteAddresses {
  // The server makes the TLS socket out of sight; the context of the call is what reaches it.
  const handedOver = new AsyncLocalStorage<string>();
  const addresses = new WeakMap<object, string>();
  const note = (connection: ServerHttp2Session | TLSSocket, own: string | undefined): void => {
    const address = handedOver.getStore() ?? own;
    if (address !== undefined) addresses.set(connection, address);
  };
  server.on('secureConnection', (socket: TLSSocket) => note(socket, socket.remoteAddress));
  server.on('session', (session) => note(session, session.socket.remoteAddress));
  return {
    remember: (address, accept) => {
      handedOver.run(address, accept);
    },
    of(request) {
      const connection = 'stream' in request ? request.stream.session : request.socket;
      return connection === undefined ? undefined : addresses.get(connection);
    },
  };
}
