import { isDeepStrictEqual } from 'node:util';

import type { KubernetesObject } from '../api/meta.ts';

/**
 * Whether two versions of an object want the same. Their resourceVersion does not tell: the cluster itself writes
 * status and finalizers between a look and a write.
 */
export function isSameWish(before: KubernetesObject, after: KubernetesObject): boolean {
  return isDeepStrictEqual(wishOf(before), wishOf(after));
}

function wishOf(object: KubernetesObject): object {
  const { metadata, ...rest } = object;
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  return { ...rest, status: undefined, metadata: { name, namespace, labels, annotations, ownerReferences } };
}
