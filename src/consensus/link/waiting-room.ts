import type { Duplex } from 'node:stream';

import type { Clock } from '../../base/clock.ts';

export interface WaitingRoomLimits {
  readonly connections: number;
  readonly timeoutMs: number;
}

/** Takes a connection in; the answer lets it go on. One that stays too long is destroyed. */
export type WaitingRoom = (connection: Duplex) => () => void;

/**
 * Where connections are until they have shown who they are. When it is full the one that waited longest
 * has to go: an honest client is through in milliseconds, and a crowd of silent ones cannot lock it out.
 */
export function createWaitingRoom(clock: Clock, limits: WaitingRoomLimits): WaitingRoom {
  const leaves = new Map<Duplex, () => void>();
  return (connection) => {
    const [oldest] = leaves;
    if (oldest !== undefined && leaves.size >= limits.connections) {
      const [longestWaiting, leave] = oldest;
      leave();
      longestWaiting.destroy();
    }
    const cancel = clock.after(limits.timeoutMs, () => connection.destroy());
    const leave = () => {
      leaves.delete(connection);
      cancel();
      connection.off('close', leave);
    };
    leaves.set(connection, leave);
    connection.once('close', leave);
    return leave;
  };
}
