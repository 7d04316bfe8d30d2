import { apiError } from '../../api/api-error.ts';
import { networks, storagePools } from '../../api/generated/resources.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import {
  findMemberConfigProblem,
  networkMembersWith,
  poolMembersWith,
  type MemberConfigEntry,
  type MemberConfigTargets,
} from './member-config.ts';

const fieldManager = 'muster-join';

export async function readMemberConfigTargets(
  clusterApi: Pick<ClusterApi, 'list'>,
  signal: AbortSignal,
): Promise<MemberConfigTargets> {
  const pools = await clusterApi.list(storagePools, {}, signal);
  return { pools: pools.items, networks: (await clusterApi.list(networks, {}, signal)).items };
}

/** Refuses, before anything is changed, what could not be applied. */
export async function checkMemberConfig(
  clusterApi: Pick<ClusterApi, 'list'>,
  entries: readonly MemberConfigEntry[],
  signal: AbortSignal,
): Promise<void> {
  if (entries.length === 0) return;
  const problem = findMemberConfigProblem(entries, await readMemberConfigTargets(clusterApi, signal));
  if (problem !== undefined) throw apiError('BadRequest', problem);
}

/** Before the Member exists, so that its host agent never makes a pool or network at the wrong place. */
export async function applyMemberConfig(
  clusterApi: Pick<ClusterApi, 'list' | 'mergePatch'>,
  member: string,
  entries: readonly MemberConfigEntry[],
  signal: AbortSignal,
): Promise<void> {
  if (entries.length === 0) return;
  const targets = await readMemberConfigTargets(clusterApi, signal);
  for (const pool of targets.pools) {
    const members = poolMembersWith(pool, member, entries);
    if (members === undefined) continue;
    const { name, resourceVersion } = pool.metadata;
    const patch = { metadata: { resourceVersion }, spec: { members } };
    await clusterApi.mergePatch(storagePools, { name }, patch, { fieldManager }, signal);
  }
  for (const network of targets.networks) {
    const members = networkMembersWith(network, member, entries);
    if (members === undefined) continue;
    const { name, resourceVersion } = network.metadata;
    const patch = { metadata: { resourceVersion }, spec: { members } };
    await clusterApi.mergePatch(networks, { name }, patch, { fieldManager }, signal);
  }
}
