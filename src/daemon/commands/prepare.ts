import { isWildcard, requireAddress } from '../address.ts';
import { readConfig } from '../config.ts';
import { createDataDir, describeDataDir, findForeignEntry, type DataDir } from '../data-dir.ts';
import { lockDataDir } from '../lock.ts';
import { OperatorError } from '../operator-error.ts';

export interface PrepareFlags {
  readonly dataDir: string;
  readonly address: string;
  readonly listen?: string;
  /** Further addresses at which clients are served. */
  readonly clientAddress?: readonly string[];
}

/** Makes sure that a new member may be made here, then lets `make` write it; nobody else can start meanwhile. */
export async function prepareMember(
  { dataDir: directory, address }: PrepareFlags,
  make: (dataDir: DataDir) => Promise<void>,
): Promise<void> {
  if (isWildcard(requireAddress(address).host)) {
    throw new OperatorError(
      `nobody can reach a member at ${address}; name its own address, and use --listen for the wildcard`,
    );
  }
  const dataDir = describeDataDir(directory);
  await createDataDir(dataDir);
  await using _lock = await lockDataDir(dataDir);
  await refuseUsedDirectory(dataDir);
  await make(dataDir);
}

async function refuseUsedDirectory(dataDir: DataDir): Promise<void> {
  const { root } = dataDir;
  const existing = await readConfig(dataDir);
  if (existing !== undefined) {
    throw new OperatorError(
      `${root} already holds the member ${existing.name} of cluster ${existing.clusterId}; ` +
        `start it with "musterd run --data-dir ${root}", or choose another directory`,
    );
  }
  const foreign = await findForeignEntry(dataDir);
  if (foreign === undefined) return;
  throw new OperatorError(`${root} is not empty (it holds ${foreign}); choose an empty directory`);
}
