import type { Cluster } from '../api/generated/cluster.ts';
import { clusters as resource } from '../api/generated/resources.ts';
import { keyOf } from '../api/resource.ts';
import { certificates, type CertificatesDeps } from '../reconcilers/cluster/certificates.ts';
import { featureLevelStep, type FeatureLevelDeps } from '../reconcilers/cluster/feature-level.ts';
import { membership, type MembershipDeps } from '../reconcilers/cluster/membership.ts';
import { periodicKeys } from '../runtime/key-stream.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type ClusterDeps = CertificatesDeps & FeatureLevelDeps & MembershipDeps;

const compareEveryMs = 1_000;
const lookEveryMs = 30_000;

export function createClusterController({ informers, database }: World, tools: ControllerTools): Controller {
  const { clusters, members } = informers;
  const deps: ClusterDeps = {
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
      statusSteps: [membership, featureLevelStep, certificates],
      deletionSteps: [membership],
      depsFor: () => deps,
      alsoOn: [
        onChange(members, clusters, tools.clock),
        periodicKeys(() => clusters.list().filter(isOutdated).map(keyOf), compareEveryMs, tools.clock),
        periodicKeys(() => clusters.list().map(keyOf), lookEveryMs, tools.clock),
      ],
    },
    tools,
  );
}
