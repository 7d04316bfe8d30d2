import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from '../../base/clock.ts';
import type { Peer } from '../membership/membership.ts';
import { createFrontDoor } from './front-door.ts';
import type { FromWorker, LinkSettings, ToWorker } from './link-messages.ts';
import { createRaftStreams } from './raft-streams.ts';

/*
 * The thread that owns the member's port and every Raft stream, so that a long garbage collection or a
 * big request on the main thread cannot cost the leadership.
 */
async function main(settings: LinkSettings, tell: (message: FromWorker) => void): Promise<Server[]> {
  let peers: readonly Peer[] = settings.peers;
  const raft = createRaftStreams({
    tls: settings.tls,
    sockets: settings.sockets,
    clock: systemClock,
    peers: () => peers,
    warn: (fields, message) => tell({ kind: 'log', level: 'warn', fields, message }),
  });
  const frontDoor = createFrontDoor({
    sockets: settings.sockets,
    clock: systemClock,
    acceptRaft: raft.accept,
  });
  parentPort?.on('message', (message: ToWorker) => {
    if (message.kind === 'peers') peers = message.peers;
  });

  // A socket file that a killed musterd left behind; the port below tells whether another one still runs.
  frontDoor.listen(settings.listen.port, settings.listen.host);
  await once(frontDoor, 'listening');
  await unlink(settings.sockets.dial).catch(() => undefined);
  raft.dialServer.listen(settings.sockets.dial);
  await once(raft.dialServer, 'listening');

  const address = frontDoor.address();
  tell({ kind: 'listening', port: typeof address === 'object' && address !== null ? address.port : 0 });
  return [frontDoor, raft.dialServer];
}

const port = parentPort;
if (port !== null) {
  const tell = (message: FromWorker) => port.postMessage(message);
  main(workerData as LinkSettings, tell).then(
    (servers) => {
      port.on('message', (message: ToWorker) => {
        if (message.kind !== 'close') return;
        for (const server of servers) server.close();
        tell({ kind: 'closed' });
        // Open streams end with the thread.
        process.exit(0);
      });
    },
    (error: unknown) => {
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    },
  );
}
