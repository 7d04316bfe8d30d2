import { createHash } from 'node:crypto';
import { isApiError } from '../../api/api-error.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { manifestAnnotation } from '../../api/names.ts';
import type { ObjectName, Resource } from '../../api/resource.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { isSameWish } from '../../runtime/is-same-wish.ts';
import { dropFields } from './drop-fields.ts';

export const manifestFieldManager = 'muster-manifests';
/** Which text of a seed was applied last. */
const seedAnnotation = 'muster.dev/manifest-sha256';

/** What wins when a person has changed a field that the file sets too. */
export type ManifestPolicy =
  /** The file: what it says is put back. */
  | 'enforce'
  /** The person: a file is where objects start from, and only a new version of the file changes them again. */
  | 'seed';

export interface ApplyTarget {
  readonly resource: Resource<KubernetesObject>;
  /** As the file has it, namespace completed. */
  readonly object: KubernetesObject;
  /** `<source>/<file>`, written on the object. */
  readonly origin: string;
  readonly policy: ManifestPolicy;
  /** Whether an inventory says that this directory has made the object before. */
  readonly isKnown: boolean;
}

export type ApplyResult = 'changed' | 'created' | 'deleted-by-user' | 'unchanged';

/** Makes one object what its file says. Repeating it changes nothing. */
export async function applyObject(
  clusterApi: Pick<ClusterApi, 'apply' | 'get'>,
  target: ApplyTarget,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { resource, policy, isKnown } = target;
  const desired = buildDesired(target);
  const name: ObjectName = desired.metadata;
  const live = await clusterApi.get(resource, name, signal);
  if (live === undefined && policy === 'seed' && isKnown) return 'deleted-by-user';
  if (live?.metadata.deletionTimestamp !== undefined) {
    throw new Error('it is being deleted; it is made again afterwards');
  }
  if (policy === 'seed' && live !== undefined && isSown(desired, live)) return 'unchanged';
  const applied = await apply(clusterApi, { ...target, object: desired }, signal);
  if (live === undefined) return 'created';
  return isSameWish(live, applied) ? 'unchanged' : 'changed';
}

async function apply(
  clusterApi: Pick<ClusterApi, 'apply'>,
  { resource, object, policy }: ApplyTarget,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const options = { fieldManager: manifestFieldManager, isForced: policy === 'enforce' };
  try {
    return await clusterApi.apply(resource, object, options, signal);
  } catch (error) {
    if (policy === 'enforce' || !isApiError(error, 'Conflict')) throw error;
    // A person has made these fields his own; the rest of the new version is applied.
    const taken = (error.status.details?.causes ?? []).map(({ field = '' }) => field);
    return clusterApi.apply(resource, dropFields(object, taken), options, signal);
  }
}

function isSown(desired: KubernetesObject, live: KubernetesObject): boolean {
  return [seedAnnotation, manifestAnnotation].every(
    (key) => live.metadata.annotations?.[key] === desired.metadata.annotations?.[key],
  );
}

function buildDesired({ object, origin, policy }: ApplyTarget): KubernetesObject {
  // A status in a file is a left-over of "get -o yaml"; so are the fields that the server owns.
  const { status: _status, ...rest } = object as KubernetesObject & { status?: unknown };
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
  const text = JSON.stringify({ ...rest, metadata: { ...metadata, annotations } });
  const stamps = {
    [manifestAnnotation]: origin,
    ...(policy === 'seed' ? { [seedAnnotation]: createHash('sha256').update(text).digest('hex') } : {}),
  };
  return { ...rest, metadata: { ...metadata, annotations: { ...annotations, ...stamps } } };
}
