import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';

export interface Connections {
  /** Cuts those that are for nobody any more, with the watches on them. */
  cut(isVoid: (socket: TLSSocket) => boolean): void;
  /** Says goodbye on each connection, so that what was written still arrives, and then cuts it. */
  close(clock: Clock): Promise<void>;
}

const goodbyeMs = 500;

export function trackConnections(server: Http2SecureServer): Connections {
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A reset connection is the client's business; without a listener it would end the process.
    socket.on('error', () => undefined);
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return {
    cut(isVoid) {
      for (const socket of sockets) if (isVoid(socket)) socket.destroy();
    },
    async close(clock) {
      const closed = Promise.all(
        [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
      );
      for (const session of sessions) session.close();
      for (const socket of sockets) {
        // A socket of HTTP/2 belongs to its session, which has just been told.
        if (socket.alpnProtocol !== 'h2') socket.end();
      }
      await Promise.race([closed, clock.sleep(goodbyeMs)]);
      for (const socket of sockets) socket.destroy();
    },
  };
}
