import { encodeJoinToken, JoinTokenError } from '../../api/join-token.ts';
import { systemClock } from '../../base/clock.ts';
import { issueJoinToken } from '../../runtime/issue-join-token.ts';
import { withCluster } from '../cluster-connection.ts';
import { UsageError } from '../usage-error.ts';

/** The token alone goes to standard output, so that a script can take it. */
export async function addMember(name: string, flags: { readonly kubeconfig?: string }): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, endpoint, signal }) => {
    const deps = { clusterApi, caPem: endpoint.caPem, clock: systemClock };
    const token = await issueJoinToken(deps, name, signal).catch((error: unknown) => {
      if (error instanceof JoinTokenError) throw new UsageError(error.message);
      throw error;
    });
    const expiry = token.expiresAt === '' ? 'it does not expire' : `good until ${token.expiresAt}`;
    console.error(`Member ${name} join token (once, ${expiry}):`);
    process.stdout.write(`${encodeJoinToken(token)}\n`);
  });
}
