import { Worker } from 'node:worker_threads';

import { entryFile } from '../../base/entry-file.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { Peer } from '../membership/membership.ts';
import type { FromWorker, HostPort, LinkSettings, ToWorker } from './link-messages.ts';

/** The worker thread with the member's port and the Raft streams. */
export interface Link {
  /** The port that is listened on; differs from the one asked for when that was 0. */
  readonly port: number;
  /** Replaces the directory; streams with members that are no longer in it end at once. */
  updatePeers(peers: readonly Peer[]): void;
  close(): Promise<void>;
}

const closeLimitMs = 3_000; // several times what the thread gives its clients to drain

/** Resolves when the port is open. Rejects when it is taken, or an address is not this host's. */
export async function startLink(settings: LinkSettings, logger: Logger): Promise<Link> {
  const worker = new Worker(entryFile(import.meta.url, './link-worker.ts'), {
    workerData: settings,
    name: 'link',
  });
  const send = (message: ToWorker) => worker.postMessage(message);
  let port: number;
  try {
    port = await waitForPort(worker, settings.listen, logger);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  // Without this thread a member is deaf. An error in it is not handled from here on and so ends the
  // process, and its silent end must do the same.
  worker.removeAllListeners('error');
  const fail = (code: number) => {
    throw new Error(`the link thread ended by itself with code ${code}`);
  };
  worker.once('exit', fail);
  return {
    port,
    updatePeers: (peers) => send({ kind: 'peers', peers }),
    async close() {
      worker.off('exit', fail);
      const exited = new Promise<void>((resolve) => {
        worker.once('exit', () => resolve());
      });
      const late = AbortSignal.timeout(closeLimitMs);
      late.addEventListener('abort', () => void worker.terminate());
      send({ kind: 'close' });
      await exited;
    },
  };
}

function waitForPort(worker: Worker, { host, port }: HostPort, logger: Logger): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new ConsensusError('Closed', `listening on ${host}:${port}`, { cause }));
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
      }
    });
    worker.once('error', (error: unknown) => fail(error));
    worker.once('exit', (code) => fail(new Error(`the link thread ended with code ${code}`)));
  });
}
