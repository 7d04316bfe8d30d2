import { isApiError } from '../../api/api-error.ts';
import { encodeJoinToken, JoinTokenError } from '../../api/join-token.ts';
import { systemClock } from '../../base/clock.ts';
import { createClusterApi } from '../../runtime/create-cluster-api.ts';
import { fetchSigningAuthority } from '../../runtime/fetch-authorities.ts';
import { issueJoinToken } from '../../runtime/issue-join-token.ts';
import { readAdminEndpoint } from '../admin-endpoint.ts';
import { requireConfig } from '../config.ts';
import { describeDataDir } from '../data-dir.ts';
import { OperatorError } from '../operator-error.ts';

/** Prints the token alone, so that a script can take it. */
export async function printToken(directory: string, name: string): Promise<void> {
  const dataDir = describeDataDir(directory);
  await requireConfig(dataDir);
  const endpoint = await readAdminEndpoint(dataDir);
  const clusterApi = createClusterApi(endpoint);
  try {
    const signal = AbortSignal.timeout(30_000);
    const caPem = await fetchSigningAuthority(endpoint, systemClock, signal);
    const token = await issueJoinToken({ clusterApi, caPem, clock: systemClock }, name, signal);
    process.stdout.write(`${encodeJoinToken(token)}\n`);
  } catch (error) {
    if (error instanceof JoinTokenError) throw new OperatorError(error.message);
    if (isApiError(error)) throw new OperatorError('no token could be made', { cause: error });
    throw error;
  } finally {
    await clusterApi.close();
  }
}
