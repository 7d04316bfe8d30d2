import type { Cluster } from '../api/generated/cluster.ts';
import { clusters as resource } from '../api/generated/resources.ts';
import { keyOf } from '../api/resource.ts';
import { authorityExchange, type AuthorityExchangeDeps } from '../reconcilers/cluster/authority-exchange.ts';
import { certificates, type CertificatesDeps } from '../reconcilers/cluster/certificates.ts';
import { featureLevelStep, type FeatureLevelDeps } from '../reconcilers/cluster/feature-level.ts';
import { membership, type MembershipDeps } from '../reconcilers/cluster/membership.ts';
import { notifiedKeys, periodicKeys } from '../runtime/key-stream.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type ClusterDeps = AuthorityExchangeDeps & CertificatesDeps & FeatureLevelDeps & MembershipDeps;

/** The exchange of the cluster's authority, as the controllers see and advance it; the daemon wires it. */
export interface AuthorityControl extends Pick<
  AuthorityExchangeDeps,
  'advanceExchange' | 'exchange' | 'memberNames'
> {
  /** Calls back after each change. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
}

const compareEveryMs = 1_000;
const lookEveryMs = 30_000;

export function createClusterController(
  { informers, database }: World,
  authority: AuthorityControl,
  tools: ControllerTools,
): Controller {
  const { clusters, members } = informers;
  const deps: ClusterDeps = {
    nowMs: () => tools.clock.now(),
    exchange: () => authority.exchange(),
    memberNames: () => authority.memberNames(),
    advanceExchange: (from, move, signal) => authority.advanceExchange(from, move, signal),
    listMembers: () => members.list(),
    memberCount: () => members.list().length,
    nodes: () =>
      database.nodes()?.map(({ name, role, isLeader }) => ({ name, isLeader, isVoter: role === 'voter' })),
  };
  // The database has no events; most looks find what the last one has shown.
  const isOutdated = ({ status }: Cluster): boolean => {
    const nodes = deps.nodes();
    if (nodes === undefined) return false;
    const leader = nodes.find(({ isLeader }) => isLeader)?.name;
    return leader !== status?.leader || nodes.filter(({ isVoter }) => isVoter).length !== status?.voterCount;
  };
  return createController<Cluster, ClusterDeps>(
    {
      resource,
      informer: clusters,
      metadataSteps: [],
      statusSteps: [membership, featureLevelStep, authorityExchange, certificates],
      deletionSteps: [membership],
      depsFor: () => deps,
      alsoOn: [
        onChange(members, clusters, tools.clock),
        notifiedKeys(authority, () => clusters.list().map(keyOf)),
        periodicKeys(() => clusters.list().filter(isOutdated).map(keyOf), compareEveryMs, tools.clock),
        periodicKeys(() => clusters.list().map(keyOf), lookEveryMs, tools.clock),
      ],
    },
    tools,
  );
}
