import { clientAddressOf, memberAddressOf, virtualAddressOf } from '../../api/client-address.ts';
import type { Cluster } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import { clusterName } from '../../api/names.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { isAborted } from '../../runtime/backoff.ts';
import { followChanges } from '../../runtime/follow-changes.ts';
import type { Informer } from '../../runtime/informer.ts';
import {
  withMemberContexts,
  type KubeconfigFile,
  type ReachableCluster,
} from '../../runtime/member-contexts.ts';
import type { KubeconfigEditor } from '../kubeconfig-file.ts';

export interface KeepKubeconfigDeps {
  readonly kubeconfig: KubeconfigEditor;
  /** The member of this host comes first. */
  readonly memberName: string;
  readonly members: Informer<Member>;
  readonly clusters: Informer<Cluster>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const retryMs = 1_000;
const lookEveryMs = 60_000;

/** Keeps the administrator's kubeconfig of this host up to date, as members come, go and move. Works until the abort. */
export async function keepKubeconfig(deps: KeepKubeconfigDeps, signal: AbortSignal): Promise<void> {
  const changes = followChanges([deps.members, deps.clusters], deps.clock);
  try {
    for (let written = ''; !isAborted(signal);) {
      const cluster = describeReachable(deps);
      const key = JSON.stringify(cluster);
      // Before the first list it would look as if everybody were gone.
      if (key !== written && cluster.members.length > 0 && (await tryRefresh(deps, cluster))) written = key;
      await changes.wait(key === written ? lookEveryMs : retryMs, signal);
    }
  } finally {
    changes.close();
  }
}

function describeReachable({ members, clusters, memberName }: KeepKubeconfigDeps): ReachableCluster {
  const all = members.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const own = all.filter(({ metadata }) => metadata.name === memberName);
  const others = all.filter(({ metadata }) => metadata.name !== memberName);
  const virtualAddress = virtualAddressOf(clusters.get(clusterName));
  return {
    members: [...own, ...others].map((member) => ({
      name: member.metadata.name,
      server: `https://${clientAddressOf(member)}`,
      memberServer: `https://${memberAddressOf(member)}`,
    })),
    virtualServer: virtualAddress === undefined ? undefined : `https://${virtualAddress}`,
  };
}

async function tryRefresh(deps: KeepKubeconfigDeps, cluster: ReachableCluster): Promise<boolean> {
  try {
    await refresh(deps, cluster);
    return true;
  } catch (error) {
    const fields = { file: deps.kubeconfig.path, reason: describeError(error) };
    deps.logger.warn(fields, 'the kubeconfig could not be kept up to date');
    return false;
  }
}

async function refresh({ kubeconfig, logger }: KeepKubeconfigDeps, cluster: ReachableCluster): Promise<void> {
  const isChanged = await kubeconfig.edit<KubeconfigFile>((file) => withMemberContexts(file, cluster));
  if (!isChanged) return;
  logger.debug(
    { file: kubeconfig.path, members: cluster.members.length },
    'the kubeconfig names every member',
  );
}
