import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { ConsensusError } from '../consensus-error.ts';

export interface SoleVoter {
  readonly helperPath: string;
  readonly directory: string;
  readonly id: string;
}

/** Makes the log of a database that does not run begin anew with one voter. The entries stay. */
export async function makeSoleVoter({ helperPath, directory, id }: SoleVoter): Promise<void> {
  const address = `member:${id}`;
  const place = ['--dir', directory, '--id', id, '--address', address];
  const child = spawn(helperPath, ['recover', ...place, '--node', `${id},${address},0`], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const complaint = text(child.stderr);
  if ((await ended) === 0) return;
  const said = (await complaint).trim().replace(/^muster-dqlite: /, '');
  throw new ConsensusError('Closed', `rewriting the Raft configuration in ${directory}: ${said}`);
}
