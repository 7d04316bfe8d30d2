import { isApiError } from '../../api/api-error.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { Resource } from '../../api/resource.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { isSameWish } from '../../runtime/is-same-wish.ts';

/** Fields that the file does not name keep what they have: LXD merges a preseed into what is there. */
export async function applyObject(
  clusterApi: Pick<ClusterApi, 'create' | 'get' | 'mergePatch'>,
  resource: Resource<KubernetesObject>,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<'changed' | 'created' | 'unchanged'> {
  const { name, namespace } = object.metadata;
  const objectName = namespace === undefined ? { name } : { namespace, name };
  const stored = await clusterApi.get(resource, objectName, signal);
  if (stored === undefined) {
    try {
      await clusterApi.create(resource, object, signal);
      return 'created';
    } catch (error) {
      // A new cluster makes its own default network and profile meanwhile.
      if (!isApiError(error, 'AlreadyExists')) throw error;
      return applyObject(clusterApi, resource, object, signal);
    }
  }
  const options = { fieldManager: 'muster-init' };
  const after = await clusterApi.mergePatch(resource, objectName, object, options, signal);
  return isSameWish(stored, after) ? 'unchanged' : 'changed';
}
