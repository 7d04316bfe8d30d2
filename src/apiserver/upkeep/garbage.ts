import { isApiError } from '../../api/api-error.ts';
import type { OwnerReference } from '../../api/meta.ts';
import type { StoredEntry } from '../../consensus/store/store.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { storageKey } from '../registry/storage-key.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { PropagationPolicy } from '../verbs/delete-options.ts';
import { removeObject } from '../verbs/remove-object.ts';
import { editStored, withoutFinalizer } from './edit-stored.ts';
import { type UpkeepContext, upkeepUser } from './upkeep-context.ts';

interface Found {
  readonly kind: ResourceKind;
  readonly entry: StoredEntry;
  readonly object: JsonObject;
}

/** Deletes what has lost all its owners, and lets owners go that wait for their dependents. */
export async function collectGarbage(context: UpkeepContext): Promise<void> {
  const dependents = findAll(context, context.index.dependents);
  for (const owner of findAll(context, context.index.waiting)) await settleOwner(context, owner, dependents);
  for (const dependent of dependents) await settleDependent(context, dependent);
}

function findAll(context: UpkeepContext, keys: Iterable<string>): Found[] {
  const byPrefix = new Map(context.registry.list().map((kind) => [kind.prefix, kind]));
  return [...keys].flatMap((key) => {
    const kind = byPrefix.get(key.split('/').slice(0, 4).join('/').concat('/'));
    const entry = context.store.get(key);
    return kind === undefined || entry === undefined
      ? []
      : [{ kind, entry, object: kind.codec.decode(entry) }];
  });
}

async function settleOwner(context: UpkeepContext, owner: Found, all: readonly Found[]): Promise<void> {
  const { uid, finalizers = [], deletionTimestamp } = metadataOf(owner.object);
  if (deletionTimestamp === undefined) return;
  const refersToOwner = ({ uid: other }: OwnerReference): boolean => other === uid;
  const dependents = all.filter(({ object }) => ownersOf(object).some(refersToOwner));
  if (finalizers.includes('orphan')) {
    for (const dependent of dependents) await dropReferences(context, dependent, refersToOwner);
    await editStored(context, owner, withoutFinalizer(owner.object, 'orphan'));
  } else if (finalizers.includes('foregroundDeletion')) {
    for (const dependent of dependents) await remove(context, dependent, 'Foreground');
    const isBlocking = ({ object, entry }: Found): boolean =>
      context.store.get(entry.key) !== undefined &&
      ownersOf(object).some((reference) => refersToOwner(reference) && reference.blockOwnerDeletion === true);
    if (dependents.some(isBlocking)) return;
    await editStored(context, owner, withoutFinalizer(owner.object, 'foregroundDeletion'));
  }
}

async function settleDependent(context: UpkeepContext, dependent: Found): Promise<void> {
  const owners = ownersOf(dependent.object);
  const { namespace, deletionTimestamp } = metadataOf(dependent.object);
  const isGone = (reference: OwnerReference): boolean => isOwnerGone(context, reference, namespace);
  const goneCount = owners.filter(isGone).length;
  if (goneCount === 0 || deletionTimestamp !== undefined) return;
  if (goneCount === owners.length) await remove(context, dependent, 'Background');
  else await dropReferences(context, dependent, isGone);
}

/** Of a kind that is not served nobody can say; it counts as alive, since a deletion cannot be taken back. */
function isOwnerGone(
  { registry, store }: UpkeepContext,
  { apiVersion, kind, name, uid }: OwnerReference,
  namespace: string | undefined,
): boolean {
  const owner = registry
    .list()
    .find((candidate) => candidate.apiVersion === apiVersion && candidate.served.kind === kind);
  if (owner === undefined) return false;
  if (owner.served.namespaced && namespace === undefined) return true;
  const place = owner.served.namespaced ? { name, namespace } : { name };
  const entry = store.get(storageKey(owner.prefix, place));
  return entry === undefined || metadataOf(owner.codec.decode(entry)).uid !== uid;
}

function ownersOf(object: JsonObject): readonly OwnerReference[] {
  return metadataOf(object).ownerReferences ?? [];
}

async function dropReferences(
  context: UpkeepContext,
  dependent: Found,
  isDropped: (reference: OwnerReference) => boolean,
): Promise<void> {
  const ownerReferences = ownersOf(dependent.object).filter((reference) => !isDropped(reference));
  const metadata = { ...metadataOf(dependent.object), ownerReferences };
  await editStored(context, dependent, withMetadata(dependent.object, metadata));
}

async function remove(
  context: UpkeepContext,
  { kind, object }: Found,
  policy: PropagationPolicy,
): Promise<void> {
  const { name, namespace, uid = '', resourceVersion = '', deletionTimestamp } = metadataOf(object);
  if (deletionTimestamp !== undefined) return;
  // Only as it was judged: its references may have changed in this very pass.
  const options = { isDryRun: false, uid, resourceVersion, propagationPolicy: policy };
  const removal = { kind, place: { name, namespace }, options, user: upkeepUser, term: context.term };
  try {
    await removeObject(context, removal, context.signal);
  } catch (error) {
    // Gone already, or another object of that name by now: neither is ours to delete.
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
}
