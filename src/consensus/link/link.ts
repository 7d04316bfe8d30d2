import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import { ConsensusError } from '../consensus-error.ts';
import { createFrontDoor, type FrontDoorRoutes } from './front-door.ts';
import type { HostPort } from './split-address.ts';

/** The member's one port, open. */
export interface Link {
  /** The port that is listened on; differs from the one asked for when that was 0. */
  readonly port: number;
  /** Takes nothing more, and ends what those who took connections over have left open. */
  close(): Promise<void>;
}

// What is on its way to a client when the member stops; nobody waits longer for a slow one.
const drainMs = 500;

/** Resolves when the port is open. Rejects when it is taken, or an address is not this host's. */
export async function startLink(listen: HostPort, routes: FrontDoorRoutes, clock: Clock): Promise<Link> {
  const sockets = new Set<Socket>();
  const door = createFrontDoor(clock, {
    ...routes,
    raft(socket, hello) {
      // A socket that was given away is never heard of again.
      sockets.delete(socket);
      routes.raft(socket, hello);
    },
  });
  door.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  door.listen(listen.port, listen.host);
  try {
    await once(door, 'listening');
  } catch (cause) {
    throw new ConsensusError('Closed', `listening on ${listen.host}:${listen.port}`, { cause });
  }
  return {
    port: portOf(door),
    async close() {
      // Its own end is not waited for: it would count sockets that were given to the database helper.
      door.close();
      const drained = Promise.all([...sockets].map((socket) => ended(socket)));
      await Promise.race([drained, clock.sleep(drainMs)]);
      for (const socket of sockets) socket.destroy();
    },
  };
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
