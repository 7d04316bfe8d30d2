import { secrets } from '../../api/builtin.ts';
import { systemNamespace } from '../../api/names.ts';
import type { Clock } from '../../base/clock.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { isOfAuthority, joinTokenLabel, parseJoinTokenSecret } from '../../runtime/join-token-secret.ts';
import { isExpired } from './token-claim.ts';

export interface SweepTokensDeps {
  readonly clusterApi: Pick<ClusterApi, 'delete' | 'list'>;
  /** Whether the leader has heard this member: then it has got the answer to its request to join. */
  readonly hasArrived: (memberName: string) => boolean;
  readonly authority: { readonly certPem: string };
  readonly clock: Clock;
}

/** Deletes tokens that nobody can or need use any more. Answers how many are left. */
export async function sweepTokens(
  { clusterApi, hasArrived, authority, clock }: SweepTokensDeps,
  signal: AbortSignal,
): Promise<number> {
  const scope = { namespace: systemNamespace, labelSelector: `${joinTokenLabel}=true` };
  const { items } = await clusterApi.list(secrets, scope, signal);
  let left = 0;
  for (const stored of items) {
    const token = parseJoinTokenSecret(stored);
    if (token === undefined) continue;
    const isDone = token.claimedBy !== undefined && hasArrived(token.memberName);
    const isVoid = isExpired(token, clock.now()) || !isOfAuthority(token, authority.certPem);
    if (!isDone && !isVoid) {
      left += 1;
      continue;
    }
    const { resourceVersion } = stored.metadata;
    const precondition = resourceVersion === undefined ? {} : { resourceVersion };
    await clusterApi.delete(secrets, stored.metadata, precondition, signal);
  }
  return left;
}
