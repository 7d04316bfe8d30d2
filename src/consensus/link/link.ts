import { Worker } from 'node:worker_threads';

import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { Peer } from '../membership/membership.ts';
import type { FromWorker, LinkSettings, ToWorker } from './link-messages.ts';

/** The worker thread with the member's port and the Raft streams. */
export interface Link {
  /** The port that is listened on; differs from the one asked for when that was 0. */
  readonly port: number;
  updatePeers(peers: readonly Peer[]): void;
  close(): Promise<void>;
}

/** Resolves when the port is open. Rejects when it is taken, or an address is not this host's. */
export async function startLink(settings: LinkSettings, logger: Logger): Promise<Link> {
  const worker = new Worker(new URL('./link-worker.ts', import.meta.url), { workerData: settings });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  const send = (message: ToWorker) => worker.postMessage(message);
  const port = await new Promise<number>((resolve, reject) => {
    const { host, port: wanted } = settings.listen;
    const fail = (cause: unknown) =>
      reject(new ConsensusError('Closed', `listening on ${host}:${wanted}`, { cause }));
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'listening':
          resolve(message.port);
          break;
        case 'failed':
          fail(new Error(message.message));
          break;
        case 'log':
          logger[message.level](message.fields, message.message);
          break;
        case 'closed':
          break;
      }
    });
    worker.once('error', (error: unknown) => fail(error));
  });
  // Without this thread a member is deaf: an error from here on is not handled, and ends the process.
  worker.removeAllListeners('error');
  return {
    port,
    updatePeers: (peers) => send({ kind: 'peers', peers }),
    async close() {
      send({ kind: 'close' });
      await exited;
    },
  };
}
