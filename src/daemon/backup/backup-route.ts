import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import { apiError } from '../../api/api-error.ts';
import { backupHeader, backupPath } from '../../api/backup.ts';
import { commonHeaders } from '../../apiserver/http/answer.ts';
import { sendHead, type Exchange } from '../../apiserver/http/exchange.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { createBackup } from '../../consensus/backup/write-backup.ts';
import type { Store } from '../../consensus/store/store.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { epochOf } from '../standing/standing-route.ts';

export interface BackupRouteDeps {
  readonly store: Pick<Store, 'get' | 'range' | 'readBarrier'>;
  readonly authority: KeyedCertificate;
  readonly clusterId: string;
  readonly memberName: string;
  readonly version: string;
  readonly featureLevel: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const authorityFiles = { certificate: 'cluster.crt', key: 'cluster.key' };

/**
 * Streams everything that the cluster has stored, as it was when the request came. Whoever may have it has all: it
 * holds every Secret, and the key with which members and users are certified. RBAC decides, by the path.
 */
export function createBackupRoute(deps: BackupRouteDeps): ExtraRoute {
  return {
    prefix: backupPath,
    async handle(exchange) {
      if (exchange.method !== 'GET') throw apiError('MethodNotAllowed', 'a backup is taken with GET');
      await sendBackup(deps, exchange);
      return undefined;
    },
  };
}

async function sendBackup(deps: BackupRouteDeps, exchange: Exchange): Promise<void> {
  const { store, authority, clusterId, memberName, version, featureLevel, clock, logger } = deps;
  // Nothing that was acknowledged before the request may be missing, also on a member that is behind.
  await store.readBarrier(exchange.signal);
  const { revision, entries } = store.range('');
  const nowMs = clock.now();
  const { manifest, sizeBytes, chunks } = await createBackup({
    manifest: {
      ...{ format: 'muster-backup/1', clusterId, epoch: epochOf(store), revision, featureLevel, version },
      ...{ createdAt: new Date(nowMs).toISOString(), member: memberName },
    },
    entries,
    files: new Map([
      [authorityFiles.certificate, authority.certPem],
      [authorityFiles.key, authority.keyPem],
    ]),
    nowMs,
  });
  const { files: _files, ...summary } = manifest;
  sendHead(exchange.response, 200, {
    ...commonHeaders(exchange),
    'content-type': 'application/x-tar',
    'content-length': String(sizeBytes),
    [backupHeader]: JSON.stringify(summary),
  });
  logger.info({ ...summary, sizeBytes, user: exchange.log.user }, 'a backup is taken');
  // HTTP/2 responses are streams as well; only their common type does not say so.
  await pipeline(Readable.from(chunks), exchange.response as ServerResponse);
}
