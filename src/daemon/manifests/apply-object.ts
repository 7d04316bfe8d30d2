import { manifestAnnotation } from '../../api/names.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { ObjectName, Resource } from '../../api/resource.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { threeWayPatch, type ManifestPolicy } from './three-way-patch.ts';

export const manifestFieldManager = 'muster-manifests';
export const lastAppliedAnnotation = 'muster.dev/last-applied';

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
  clusterApi: Pick<ClusterApi, 'create' | 'get' | 'mergePatch'>,
  target: ApplyTarget,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { resource, policy, isKnown } = target;
  const name: ObjectName = target.object.metadata;
  const live = await clusterApi.get(resource, name, signal);
  if (live === undefined) {
    if (policy === 'seed' && isKnown) return 'deleted-by-user';
    await clusterApi.create(resource, buildDesired(target), signal);
    return 'created';
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new Error('it is being deleted; it is made again afterwards');
  }
  const patch = planPatch(target, live);
  if (patch === undefined) return 'unchanged';
  await clusterApi.mergePatch(resource, name, patch, { fieldManager: manifestFieldManager }, signal);
  return 'changed';
}

/** The merge patch for an object that exists; undefined when it is what the file says already. */
export function planPatch(target: ApplyTarget, live: KubernetesObject): object | undefined {
  const desired = buildDesired(target);
  const change = threeWayPatch({ last: readLastApplied(live), desired, live }, target.policy);
  // Ours in any case: without them the next comparison would start from a wrong memory.
  const stamps = pickStamps(desired);
  const isStamped = Object.entries(stamps).every(
    ([key, value]) => live.metadata.annotations?.[key] === value,
  );
  if (change === undefined && isStamped) return undefined;
  const patch = (change ?? {}) as { metadata?: { annotations?: object } }; // built from objects, so it is one
  return {
    ...patch,
    metadata: { ...patch.metadata, annotations: { ...patch.metadata?.annotations, ...stamps } },
  };
}

function buildDesired({ object, origin }: ApplyTarget): KubernetesObject {
  // A status in a file is a left-over of "get -o yaml"; so are the fields that the server owns.
  const { status: _status, ...rest } = object as KubernetesObject & { status?: unknown };
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const { [lastAppliedAnnotation]: _last, ...ownAnnotations } = annotations ?? {};
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
  const withOwn = { ...rest, metadata: { ...metadata, annotations: ownAnnotations } };
  const stamps = { [lastAppliedAnnotation]: JSON.stringify(withOwn), [manifestAnnotation]: origin };
  return { ...rest, metadata: { ...metadata, annotations: { ...ownAnnotations, ...stamps } } };
}

function pickStamps({ metadata }: KubernetesObject): Record<string, string> {
  const { annotations = {} } = metadata;
  return {
    [lastAppliedAnnotation]: annotations[lastAppliedAnnotation] ?? '',
    [manifestAnnotation]: annotations[manifestAnnotation] ?? '',
  };
}

function readLastApplied({ metadata }: KubernetesObject): unknown {
  const text = metadata.annotations?.[lastAppliedAnnotation];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Edited by hand: then nothing is known to be ours, and nothing is taken away.
  }
}
