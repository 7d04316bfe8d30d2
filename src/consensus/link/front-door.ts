import { createConnection, createServer, type Server, type Socket } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import { formatPreface } from './accept-forwarded.ts';
import { scanClientHello } from './client-hello.ts';
import type { LinkSockets } from './link-messages.ts';
import { pipeBoth } from './pipe-both.ts';
import { peerProtocol, raftProtocol } from './protocols.ts';
import { createWaitingRoom } from './waiting-room.ts';

export interface FrontDoorDeps {
  readonly sockets: LinkSockets;
  readonly clock: Clock;
  /** Takes over a connection that speaks Raft; its TLS bytes are still unread. */
  readonly acceptRaft: (socket: Socket) => void;
}

const hellos = { connections: 512, timeoutMs: 10_000 };
const keepAliveMs = 10_000;

/**
 * The member's one port. It reads only as much as tells who terminates the TLS: Raft streams stay on
 * this thread, everything else goes on to the main thread as it came.
 */
export function createFrontDoor(deps: FrontDoorDeps): Server {
  const waitForHello = createWaitingRoom(deps.clock, hellos);
  return createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs }, (socket) => {
    const leave = waitForHello(socket);
    // Errors of a stranger's connection concern nobody else.
    socket.on('error', () => socket.destroy());
    readHello(socket, (protocols) => {
      leave();
      route(socket, protocols, deps);
    });
  });
}

function readHello(socket: Socket, decide: (protocols: readonly string[]) => void): void {
  let received = Buffer.alloc(0);
  const read = () => {
    const chunk = socket.read() as Buffer | null; // -- binary mode: chunks are Buffers
    if (chunk === null) return;
    received = Buffer.concat([received, chunk]);
    const scan = scanClientHello(received);
    if (scan.kind === 'incomplete') return;
    socket.off('readable', read);
    socket.unshift(received);
    // What is not TLS goes to the API server too: it answers a plain HTTP request with a sentence.
    decide(scan.kind === 'hello' ? scan.protocols : []);
  };
  socket.on('readable', read);
}

function route(socket: Socket, protocols: readonly string[], deps: FrontDoorDeps): void {
  if (protocols.includes(raftProtocol)) {
    deps.acceptRaft(socket);
    return;
  }
  forward(socket, protocols.includes(peerProtocol) ? deps.sockets.peer : deps.sockets.api);
}

function forward(socket: Socket, path: string): void {
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
  const target = createConnection({ path });
  // Nobody listens there while musterd starts; the client sees a closed connection and tries again.
  target.on('error', () => socket.destroy());
  target.once('connect', () => {
    const remote = { address: remoteAddress, port: remotePort };
    target.write(formatPreface(remote, { address: localAddress, port: localPort }));
    pipeBoth(socket, target);
  });
}
