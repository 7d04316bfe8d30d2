import { secrets } from '../api/builtin.ts';
import type { ClusterApi } from '../runtime/cluster-api.ts';
import { buildTrustPasswordSecret, isTrustPassword, trustPasswordPlace } from '../runtime/trust-password.ts';

const fieldManager = 'muster';

/** Makes this the password with which hosts can join; one that is empty ends that, as in LXD. */
export async function storeTrustPassword(
  clusterApi: ClusterApi,
  password: string,
  signal: AbortSignal,
): Promise<'changed' | 'created' | 'deleted' | 'unchanged'> {
  const stored = await clusterApi.get(secrets, trustPasswordPlace, signal);
  if (password === '') {
    if (stored === undefined) return 'unchanged';
    await clusterApi.delete(secrets, trustPasswordPlace, {}, signal);
    return 'deleted';
  }
  if (await isTrustPassword(stored, password)) return 'unchanged';
  const secret = await buildTrustPasswordSecret(password);
  if (stored === undefined) {
    await clusterApi.create(secrets, secret, signal);
    return 'created';
  }
  const { type, data } = secret;
  await clusterApi.mergePatch(secrets, trustPasswordPlace, { type, data }, { fieldManager }, signal);
  return 'changed';
}
