import { isApiError } from '../../api/api-error.ts';
import { namespaces } from '../../api/builtin.ts';
import { clusters } from '../../api/generated/resources.ts';
import { musterApiVersion, type KubernetesObject } from '../../api/meta.ts';
import { clusterName, defaultNamespace, systemNamespace } from '../../api/names.ts';
import type { Resource } from '../../api/resource.ts';
import type { PeerDirectory } from '../../consensus/membership/membership.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { ensureMember } from '../join/accept-join.ts';

// The uid of kube-system is what many tools take for the identity of a cluster.
const namespaceNames = [defaultNamespace, systemNamespace, 'kube-system'];

/** Creates the objects that a cluster cannot be without. What exists is left as it is. */
export async function createBootstrapObjects(
  clusterApi: Pick<ClusterApi, 'create' | 'get'>,
  peers: Pick<PeerDirectory, 'list'>,
  signal: AbortSignal,
): Promise<void> {
  for (const name of namespaceNames) {
    await ensure(clusterApi, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, signal);
  }
  const cluster = {
    apiVersion: musterApiVersion,
    kind: 'Cluster',
    metadata: { name: clusterName },
    spec: {},
  };
  await ensure(clusterApi, clusters, cluster, signal);
  for (const peer of peers.list()) await ensureMember(clusterApi, peer, signal);
}

async function ensure<T extends KubernetesObject>(
  clusterApi: Pick<ClusterApi, 'create' | 'get'>,
  resource: Resource<T>,
  object: T,
  signal: AbortSignal,
): Promise<void> {
  if ((await clusterApi.get(resource, { name: object.metadata.name }, signal)) !== undefined) return;
  try {
    await clusterApi.create(resource, object, signal);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}
