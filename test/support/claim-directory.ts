import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { identifyProcess, isAlive, type ProcessIdentity } from '../../scripts/lab/processes.ts';

export interface ClaimedDirectory {
  readonly directory: string;
  release(): Promise<void>;
}

/**
 * The directory of the test hosts of this name: always the same one, so that a run finds what an earlier one
 * left when it was killed. Two runs at the same time would remove each other's hosts, so the second is refused.
 */
export async function claimDirectory(name: string): Promise<ClaimedDirectory> {
  const directory = path.join(tmpdir(), `muster-test-${name}`);
  const ownerFile = `${directory}.owner`;
  const owner = await readOwner(ownerFile);
  if (owner !== undefined && owner.pid !== process.pid && (await isAlive(owner))) {
    throw new Error(`the test hosts "${name}" are in use by another run, with the pid ${owner.pid}`);
  }
  await writeFile(ownerFile, JSON.stringify(await identifyProcess(process.pid)));
  return { directory, release: () => rm(ownerFile, { force: true }) };
}

async function readOwner(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch {
    // Nobody has claimed it, or somebody was cut off while doing so.
    return undefined;
  }
}
