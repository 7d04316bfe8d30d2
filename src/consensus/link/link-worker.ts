import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

import { systemClock } from '../../base/clock.ts';
import type { Peer } from '../membership/membership.ts';
import { createFrontDoor } from './front-door.ts';
import type { FromWorker, LinkSettings, ToWorker } from './link-messages.ts';
import { createRaftStreams } from './raft-streams.ts';

// What is on its way to a client when the member stops; nobody waits longer for a slow one.
const drainMs = 500;

/*
 * The thread that owns the member's port and every Raft stream, so that a long garbage collection or a
 * big request on the main thread cannot cost the leadership.
 */
async function main(port: MessagePort, settings: LinkSettings): Promise<void> {
  const tell = (message: FromWorker) => port.postMessage(message);
  let peers: readonly Peer[] = settings.peers;
  const raft = createRaftStreams({
    selfId: settings.selfId,
    tls: settings.tls,
    sockets: settings.sockets,
    clock: systemClock,
    peers: () => peers,
    warn: (fields, message) => {
      // Without a directory this thread is closing: whoever is still shaking hands is refused in silence.
      if (peers.length > 0) tell({ kind: 'log', level: 'warn', fields, message });
    },
  });
  const frontDoor = createFrontDoor({
    sockets: settings.sockets,
    clock: systemClock,
    acceptRaft: raft.accept,
  });
  async function close(): Promise<void> {
    peers = [];
    raft.dropStrangers();
    raft.dialServer.close();
    const drained = new Promise((resolve) => frontDoor.close(resolve));
    await Promise.race([drained, systemClock.sleep(drainMs)]);
    process.exit(0);
  }
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'close') {
      void close();
      return;
    }
    peers = message.peers;
    raft.dropStrangers();
  });

  frontDoor.listen(settings.listen.port, settings.listen.host);
  await once(frontDoor, 'listening');
  // Left by a musterd that was killed; the port tells that no other one runs.
  await unlink(settings.sockets.dial).catch(() => undefined);
  raft.dialServer.listen(settings.sockets.dial);
  await once(raft.dialServer, 'listening');

  const address = frontDoor.address();
  tell({ kind: 'listening', port: typeof address === 'object' && address !== null ? address.port : 0 });
}

const port = parentPort;
if (port !== null) {
  main(port, workerData as LinkSettings).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ kind: 'failed', message } satisfies FromWorker);
  });
}
