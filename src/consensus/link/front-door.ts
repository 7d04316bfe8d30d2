import { createServer, type Server, type Socket } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import type { RemoteEnd } from './accept-forwarded.ts';
import { scanClientHello } from './client-hello.ts';
import { peerProtocol, raftProtocol } from './protocols.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** Who takes over a connection. The next bytes of the socket are the first of the client's TLS stream. */
export interface FrontDoorRoutes {
  readonly api: (socket: Socket, remote: RemoteEnd) => void;
  readonly peer: (socket: Socket) => void;
  /** The socket goes to another process, so what was read of it goes along instead of being put back. */
  readonly raft: (socket: Socket, hello: Buffer) => void;
}

const hellos = { connections: 512, timeoutMs: 10_000 };
const keepAliveMs = 10_000;

/** The member's one port. It reads only as much as tells who terminates the TLS. */
export function createFrontDoor(clock: Clock, routes: FrontDoorRoutes): Server {
  const waitForHello = createWaitingRoom(clock, hellos);
  return createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs }, (socket) => {
    const leave = waitForHello(socket);
    // Errors of a stranger's connection concern nobody else.
    const drop = (): void => {
      socket.destroy();
    };
    socket.on('error', drop);
    readHello(socket, (protocols, hello) => {
      leave();
      if (protocols.includes(raftProtocol)) {
        routes.raft(socket, hello);
        return;
      }
      socket.unshift(hello);
      if (protocols.includes(peerProtocol)) routes.peer(socket);
      else routes.api(socket, { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
    });
  });
}

function readHello(socket: Socket, decide: (protocols: readonly string[], hello: Buffer) => void): void {
  let received = Buffer.alloc(0);
  const read = (): void => {
    const chunk = socket.read() as Buffer | null; // -- binary mode: chunks are Buffers
    if (chunk === null) return;
    received = Buffer.concat([received, chunk]);
    const scan = scanClientHello(received);
    if (scan.kind === 'incomplete') return;
    socket.off('readable', read);
    // What is not TLS goes to the API server too: it answers a plain HTTP request with a sentence.
    decide(scan.kind === 'hello' ? scan.protocols : [], received);
  };
  socket.on('readable', read);
}
