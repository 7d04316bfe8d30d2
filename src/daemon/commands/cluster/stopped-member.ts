import { existsSync } from 'node:fs';

import { createLogger, type Logger } from '../../../base/logger.ts';
import { waitUntilUnused } from '../../../consensus/engine/wait-until-unused.ts';
import type { Peer } from '../../../consensus/membership/membership.ts';
import { readPeersFile } from '../../../consensus/membership/peers-file.ts';
import { checkDatabase } from '../../../consensus/recovery/check-database.ts';
import { readLogSummary, type LogSummary } from '../../../consensus/recovery/read-log.ts';
import { requireConfig, type MemberConfig } from '../../config.ts';
import { describeDataDir, type DataDir } from '../../data-dir.ts';
import { isDataDirLocked, lockDataDir } from '../../lock.ts';
import { OperatorError } from '../../operator-error.ts';
import { readIdentity, type MemberIdentity } from '../../run/member-identity.ts';
import { findReleasePaths } from '../../run/paths.ts';

/** A member whose daemon is held off while a command works on its data. */
export interface StoppedMember {
  readonly dataDir: DataDir;
  readonly config: MemberConfig;
  readonly identity: MemberIdentity;
  /** Everybody that this member knows of, itself included. */
  readonly peers: readonly Peer[];
  readonly logger: Logger;
}

export async function withStoppedMember<T>(
  directory: string,
  run: (member: StoppedMember) => Promise<T>,
): Promise<T> {
  const dataDir = describeDataDir(directory);
  const config = await requireConfig(dataDir);
  if (await isDataDirLocked(dataDir)) {
    throw new OperatorError('The Muster daemon is running, please stop it first.');
  }
  await using _lock = await lockDataDir(dataDir);
  // A daemon that was killed leaves its helper behind for the moment that an orderly end takes.
  if (existsSync(dataDir.database)) await waitUntilUnused(findReleasePaths().helper, dataDir.database);
  const identity = await readIdentity(dataDir);
  const peers = await readPeersFile(dataDir.peers);
  return await run({
    dataDir,
    config,
    identity,
    peers,
    logger: createLogger({ level: 'warn', name: 'musterd' }),
  });
}

/** The log of the database, or one sentence why nothing can be built on it. */
export async function requireLog({
  dataDir,
  config,
}: Pick<StoppedMember, 'config' | 'dataDir'>): Promise<LogSummary> {
  const { database } = dataDir;
  const check = await checkDatabase(database);
  if (check.kind === 'damaged') {
    throw new OperatorError(
      `the database in ${database} is damaged (${check.problem}); use another member's, or a backup`,
    );
  }
  const summary = check.kind === 'empty' ? undefined : await readLogSummary(database);
  if (summary?.configuration.some(({ id, role }) => id === config.id && role !== 'spare') !== true) {
    throw new OperatorError(
      'This cluster member has no raft role: it holds no copy of the database. Use one of the members that ' +
        '"musterd cluster list-database" names',
    );
  }
  return summary;
}
