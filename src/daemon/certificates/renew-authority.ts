import { X509Certificate } from 'node:crypto';
import { isApiError } from '../../api/api-error.ts';
import { configMaps, type ConfigMap } from '../../api/builtin.ts';
import type { Clock } from '../../base/clock.ts';
import {
  authorityCertificateKey,
  authorityPlace,
  readSuccessor,
} from '../../runtime/authority-certificate.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createAuthority, type KeyedCertificate } from '../pki/certificates.ts';

export interface RenewAuthorityDeps {
  /** Speaks for the cluster. */
  readonly clusterApi: Pick<ClusterApi, 'create' | 'get' | 'mergePatch'>;
  readonly clock: Pick<Clock, 'now'>;
}

const dayMs = 24 * 3_600_000;
// People have as long to renew their kubeconfigs, which trust the former one until it ends.
const aheadMs = 365 * dayMs;

/**
 * The certificate of the cluster's authority as it has to be: another one over the same key in the last year of its
 * life, and the same on every member. What either has signed stays good, as it is the key that vouches for it.
 */
export async function renewAuthority(
  own: KeyedCertificate,
  deps: RenewAuthorityDeps,
  signal: AbortSignal,
): Promise<string> {
  if (!isDue(own.certPem, deps.clock.now())) return own.certPem;
  try {
    return await takeOrMake(own, deps, signal);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists') && !isApiError(error, 'Conflict')) throw error;
    // Another member was quicker, and this one takes what that one has made.
    return takeOrMake(own, deps, signal);
  }
}

async function takeOrMake(
  own: KeyedCertificate,
  deps: RenewAuthorityDeps,
  signal: AbortSignal,
): Promise<string> {
  const nowMs = deps.clock.now();
  const stored = await deps.clusterApi.get(configMaps, authorityPlace, signal);
  const offered = readSuccessor(stored, own.certPem);
  if (offered !== undefined && !isDue(offered, nowMs)) return offered;
  const certPem = await createAuthority(readAuthorityId(own.certPem), own.keyPem, nowMs);
  await publish(deps.clusterApi, stored, certPem, signal);
  return certPem;
}

/** The subject must not change: it is what the certificates that were signed name as their issuer. */
function readAuthorityId(certPem: string): string {
  const { subject } = new X509Certificate(certPem);
  const id = /^CN=muster-(.+)$/.exec(subject)?.[1];
  if (id === undefined) throw new Error(`the authority is called ${subject}, and not CN=muster-ID`);
  return id;
}

function isDue(certPem: string, nowMs: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certPem);
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  return nowMs >= validToDate.getTime() - Math.min(aheadMs, lifeMs / 3);
}

/** Of several members that do so at once one succeeds; the others hear of a conflict. */
async function publish(
  clusterApi: RenewAuthorityDeps['clusterApi'],
  stored: ConfigMap | undefined,
  certPem: string,
  signal: AbortSignal,
): Promise<void> {
  const data = { [authorityCertificateKey]: certPem };
  if (stored === undefined) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...authorityPlace }, data };
    await clusterApi.create(configMaps, object, signal);
    return;
  }
  const { resourceVersion } = stored.metadata;
  const patch = { metadata: { resourceVersion }, data };
  await clusterApi.mergePatch(configMaps, authorityPlace, patch, {}, signal);
}
