import { secrets, type Secret } from '../../api/builtin.ts';
import { encodeJoinToken, JoinTokenError } from '../../api/join-token.ts';
import { systemNamespace } from '../../api/names.ts';
import { systemClock } from '../../base/clock.ts';
import { fetchSigningAuthority } from '../../runtime/fetch-authorities.ts';
import { issueJoinToken } from '../../runtime/issue-join-token.ts';
import {
  joinTokenLabel,
  nameJoinTokenSecret,
  parseJoinTokenSecret,
} from '../../runtime/join-token-secret.ts';
import { withCluster } from '../cluster-connection.ts';
import { formatObjects, type Column } from '../output.ts';
import type { GlobalFlags, OutputFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

/** The token alone goes to standard output, so that a script can take it. */
export async function addMember(
  name: string,
  flags: GlobalFlags & { readonly quiet?: boolean },
): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, endpoint, signal }) => {
    const caPem = await fetchSigningAuthority(endpoint, systemClock, signal);
    const deps = { clusterApi, caPem, clock: systemClock };
    const token = await issueJoinToken(deps, name, signal).catch((error: unknown) => {
      if (error instanceof JoinTokenError) throw new UsageError(error.message);
      throw error;
    });
    const expiry = token.expiresAt === '' ? 'it does not expire' : `good until ${token.expiresAt}`;
    if (flags.quiet !== true) console.error(`Member ${name} join token (once, ${expiry}):`);
    process.stdout.write(`${encodeJoinToken(token)}\n`);
  });
}

/** The tokens themselves are shown to nobody a second time: the cluster keeps no more than their hashes. */
const tokenColumns: readonly Column<Secret>[] = [
  { title: 'NAME', cell: (secret) => parseJoinTokenSecret(secret)?.memberName },
  { title: 'EXPIRES AT', cell: (secret) => parseJoinTokenSecret(secret)?.expiresAt || 'never' },
  {
    title: 'STATE',
    cell: (secret) => (parseJoinTokenSecret(secret)?.claimedBy === undefined ? 'unused' : 'joining'),
  },
];

export async function listTokens(flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const scope = { namespace: systemNamespace, labelSelector: joinTokenLabel };
    const { items } = await clusterApi.list(secrets, scope, signal);
    process.stdout.write(formatObjects(items, tokenColumns, flags.output));
  });
}

export async function revokeToken(name: string, flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const secret = await clusterApi.get(secrets, nameJoinTokenSecret(name), signal);
    if (secret === undefined) throw new UsageError(`there is no join token for a member named ${name}`);
    await clusterApi.delete(secrets, nameJoinTokenSecret(name), {}, signal);
    console.error(`The join token for ${name} is void.`);
  });
}
