import { authorityPath, type AuthorityAnswer } from '../api/authority.ts';
import { isApiError } from '../api/api-error.ts';
import type { Clock } from '../base/clock.ts';
import { openApiConnection, type ApiEndpoint } from './api-connection.ts';
import { mergeAuthorities } from './kubeconfig-authorities.ts';
import { createRequester } from './request.ts';

const deadlineMs = 10_000;

/**
 * Who the authority of the cluster is by now: a member says so that one vouches for whom the caller knows. Undefined
 * where members are of a release that cannot say.
 */
export async function fetchAuthorities(
  endpoint: ApiEndpoint,
  clock: Clock,
  signal: AbortSignal,
): Promise<AuthorityAnswer | undefined> {
  const connection = openApiConnection(endpoint);
  try {
    const send = createRequester({ connection, server: endpoint.server, clock, deadlineMs });
    return await send<AuthorityAnswer>({ method: 'GET', path: authorityPath }, signal);
  } catch (error) {
    if (isApiError(error, 'NotFound', 'Forbidden')) return undefined;
    throw error;
  } finally {
    connection.close();
  }
}

/** The one that join tokens have to name, which a kubeconfig may not know yet. */
export async function fetchSigningAuthority(
  endpoint: ApiEndpoint,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const answer = await fetchAuthorities(endpoint, clock, signal);
  return answer?.certificates[0] ?? endpoint.caPem;
}

/** For a kubeconfig that is given to somebody: those of now, and whom the caller trusts besides. */
export async function fetchTrusted(
  endpoint: ApiEndpoint,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const answer = await fetchAuthorities(endpoint, clock, signal);
  if (answer === undefined) return endpoint.caPem;
  return mergeAuthorities(endpoint.caPem, { clusterPems: answer.certificates, keepsOthers: true });
}
