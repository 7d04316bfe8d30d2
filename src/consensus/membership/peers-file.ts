import { open, readFile, rename } from 'node:fs/promises';

import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { Peer, PeerDirectory } from './membership.ts';

/** The mirror of the directory for the time before the store answers; empty when there is none yet. */
export async function readPeersFile(path: string): Promise<readonly Peer[]> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as readonly Peer[];
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new ConsensusError('Closed', `reading the list of members in ${path}`, { cause });
  }
}

/** Replaces the file in one step, so that a crash leaves the old list or the new one. */
export async function writePeersFile(path: string, peers: readonly Peer[]): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(peers, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** Keeps the file equal to the directory. The answer stops it and waits for the last write. */
export function mirrorPeers(path: string, directory: PeerDirectory, logger: Logger): () => Promise<void> {
  let written = '';
  let writing = Promise.resolve();
  const write = async (): Promise<void> => {
    const peers = directory.list();
    const text = JSON.stringify(peers);
    if (text === written) return;
    try {
      await writePeersFile(path, peers);
      written = text;
    } catch (error) {
      // The store still has the list; the next change tries again.
      logger.error({ path, cause: describeError(error) }, 'the list of members could not be written');
    }
  };
  const unsubscribe = directory.subscribe(() => {
    writing = writing.then(write);
  });
  writing = write();
  return async () => {
    unsubscribe();
    await writing;
  };
}
