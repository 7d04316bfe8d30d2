import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../../base/clock.ts';
import { describeError } from '../../../base/describe-error.ts';
import { createLogger } from '../../../base/logger.ts';
import { findLevelProblem } from '../../../api/feature-level.ts';
import { readBackup, type ReadBackup } from '../../../consensus/backup/read-backup.ts';
import { makeSoleVoter } from '../../../consensus/engine/rewrite-configuration.ts';
import type { Peer } from '../../../consensus/membership/membership.ts';
import { createNodeId } from '../../../consensus/membership/node-id.ts';
import { writePeersFile } from '../../../consensus/membership/peers-file.ts';
import { markDatabase } from '../../../consensus/recovery/database-mark.ts';
import { planEpoch } from '../../../consensus/recovery/found-epoch.ts';
import { withOfflineStore } from '../../../consensus/recovery/offline-store.ts';
import { findNameProblem } from '../../../runtime/issue-join-token.ts';
import { requireAddress } from '../../address.ts';
import { authorityFiles } from '../../backup/backup-route.ts';
import type { DataDir } from '../../data-dir.ts';
import { OperatorError } from '../../operator-error.ts';
import { signMemberCertificate } from '../../pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../pki/key-pair.ts';
import { parsePublicKey, pinOfKey } from '../../pki/public-key.ts';
import { findReleasePaths } from '../../run/paths.ts';
import { tell } from '../../tell.ts';
import { readFeatureLevels } from '../../version.ts';
import { removeMember, writeMember } from '../../write-member.ts';
import { prepareMember, type PrepareFlags } from '../prepare.ts';
import { reviseMembers } from './revise-members.ts';

export interface RestoreFlags extends PrepareFlags {
  readonly name: string;
}

/** Brings the cluster of a backup up on one host, as a new epoch; the other hosts join it with tokens. */
export async function restoreBackup(file: string, flags: RestoreFlags): Promise<void> {
  const problem = findNameProblem(flags.name);
  if (problem !== undefined) throw new OperatorError(problem);
  const backup = await readBackupFile(file);
  await prepareMember(flags, async (dataDir) => {
    try {
      await restore(dataDir, backup, flags);
    } catch (error) {
      await removeMember(dataDir);
      await rm(dataDir.database, { recursive: true, force: true });
      throw error;
    }
  });
}

async function readBackupFile(file: string): Promise<ReadBackup> {
  let archive: Buffer;
  try {
    archive = await readFile(file);
  } catch (error) {
    throw new OperatorError(`cannot read ${file}`, { cause: error });
  }
  try {
    const backup = readBackup(archive);
    const { version, featureLevel } = backup.manifest;
    const problem = findLevelProblem(readFeatureLevels(), featureLevel);
    if (problem !== undefined)
      throw new Error(`it was written by Muster ${version}, and this release ${problem}`);
    return backup;
  } catch (error) {
    throw new OperatorError(`the file ${file} cannot be restored: ${describeError(error)}`);
  }
}

async function restore(
  dataDir: DataDir,
  { manifest, entries, files }: ReadBackup,
  { name, address, listen }: RestoreFlags,
): Promise<void> {
  const authority = {
    certPem: files.get(authorityFiles.certificate) ?? '',
    keyPem: files.get(authorityFiles.key) ?? '',
  };
  const keyPem = createPrivateKeyPem();
  const publicKeyPem = publicKeyPemOf(keyPem);
  const nowMs = systemClock.now();
  const request = { name, hosts: [requireAddress(address).host], publicKeyPem };
  const certPem = await signMemberCertificate(authority, request, nowMs);
  const id = createNodeId();
  const self: Peer = { id, name, address, publicKeySha256: pinOf(publicKeyPem), failureDomain: 0 };
  tell(`restoring cluster ${manifest.clusterId} as of ${manifest.createdAt}, ${entries.length} entries`);

  const helperPath = findReleasePaths().helper;
  const draft = path.join(dataDir.root, 'dqlite.restoring');
  await rm(draft, { recursive: true, force: true });
  const logger = createLogger({ level: 'warn', name: 'musterd' });
  // dqlite founds a database only for id 1; the id under which it goes on comes afterwards.
  const offline = { helperPath, directory: draft, id: '1', clock: systemClock, logger };
  const epoch = await withOfflineStore(offline, async ({ load, beginAnew }) => {
    await load(entries);
    const find = (key: string) => entries.find((entry) => entry.key === key);
    const range = (prefix: string) => entries.filter(({ key }) => key.startsWith(prefix));
    const stored = { get: find, range };
    const plan = planEpoch(stored, { reason: 'restored', peers: [self], nowMs });
    await beginAnew([...plan.operations, ...reviseMembers(entries, self)]);
    return plan.epoch;
  });
  await makeSoleVoter({ helperPath, directory: draft, id });
  await rename(draft, dataDir.database);
  await writePeersFile(dataDir.peers, [self]);
  await markDatabase(dataDir.root, dataDir.database, id);
  const config = {
    // The backup knows the address that the member of this name had when it was taken.
    ...{ clusterId: manifest.clusterId, id, name, address, isMoved: true as const, epoch },
    ...(listen === undefined ? {} : { listen }),
  };
  await writeMember(dataDir, { config, authority, member: { certPem, keyPem } }, systemClock);
  tell(
    `the cluster begins anew on ${name}, in epoch ${epoch}; members of before can neither vote nor serve in it`,
  );
  tell(`start it with "musterd run --data-dir ${dataDir.root}"; then let other hosts join with tokens`);
}

function pinOf(publicKeyPem: string): string {
  const key = parsePublicKey(publicKeyPem);
  if (key === undefined) throw new Error('the key that was just made is not an ECDSA P-256 key');
  return pinOfKey(key);
}
