import type { User } from '../authn/user.ts';
import { apiError } from '../../api/api-error.ts';
import { admitDelete } from '../admission/admit.ts';
import { type Write, commitWrite } from '../registry/commit-write.ts';
import { pendingFinalizers } from '../registry/finalizers.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { LostRace, withFreshState } from '../registry/fresh-state.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import { withRevision } from '../registry/object-codec.ts';
import { type ResourceKind, resourceDetails } from '../registry/resource-kind.ts';
import type { ObjectPlace } from '../registry/storage-key.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { DeleteOptions, PropagationPolicy } from './delete-options.ts';
import { conflict, keyOfPlace, notFound } from './object-place.ts';

export interface Removal {
  readonly kind: ResourceKind;
  readonly place: ObjectPlace;
  readonly options: DeleteOptions;
  readonly user: User;
  readonly term?: number;
}

export interface Removed {
  /** The object as it was, or as it stays until its finalizers are done. */
  readonly object: JsonObject;
  readonly isGone: boolean;
}

/** Deletes the object at once, or marks it when finalizers have work to do first. */
export async function removeObject(
  deps: ServerDeps,
  removal: Removal,
  signal: AbortSignal,
): Promise<Removed> {
  return withFreshState(deps.store, signal, () => removeOnce(deps, removal, signal));
}

async function removeOnce(deps: ServerDeps, removal: Removal, signal: AbortSignal): Promise<Removed> {
  const { kind, place, options, user, term } = removal;
  const key = keyOfPlace(kind, place);
  const entry = deps.store.get(key);
  if (entry === undefined) throw notFound(kind, place.name);
  const stored = kind.codec.decode(entry);
  checkPreconditions(kind, options, stored);
  admitDelete({ operation: 'delete', kind, place, user, stored }, deps);

  const object = markForDeletion(kind, stored, options.propagationPolicy, deps.clock.now());
  const isGone = pendingFinalizers(object).length === 0;
  // A second request changes nothing any more.
  if (!isGone && object === stored) return { object: stored, isGone };
  const write: Write = {
    operation: isGone ? { kind: 'delete', key } : { kind: 'put', key, value: kind.codec.encode(object) },
    conditions: [{ key, revision: entry.revision }],
    isDryRun: options.isDryRun,
    isRemoval: true,
    ...(term === undefined ? {} : { term }),
  };
  const result = await commitWrite(deps, write, signal);
  if (result.kind === 'conflict') throw new LostRace(conflict(kind, place.name));
  if (isGone || result.kind === 'dry-run') return { object, isGone };
  return { object: withRevision(object, result.revision), isGone };
}

function markForDeletion(
  { served }: ResourceKind,
  stored: JsonObject,
  policy: PropagationPolicy | undefined,
  nowMs: number,
): JsonObject {
  const metadata = metadataOf(stored);
  const finalizers = withPolicy(metadata.finalizers ?? [], policy);
  const isMarked = metadata.deletionTimestamp !== undefined;
  if (isMarked && finalizers.length === (metadata.finalizers ?? []).length) return stored;
  const isNamespace = served.group === '' && served.plural === 'namespaces';
  return withMetadata(isNamespace ? { ...stored, status: terminatingStatus(stored) } : stored, {
    ...metadata,
    ...(isMarked ? {} : { deletionTimestamp: formatTimestamp(nowMs), deletionGracePeriodSeconds: 0 }),
    ...(isMarked || metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  });
}

function terminatingStatus(namespace: JsonObject): JsonObject {
  return { ...(namespace['status'] as JsonObject | undefined), phase: 'Terminating' };
}

/** What becomes of dependents is remembered as a finalizer until the garbage collection has seen to it. */
function withPolicy(finalizers: readonly string[], policy: PropagationPolicy | undefined): string[] {
  if (policy === undefined) return [...finalizers];
  const others = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (policy === 'Orphan') return [...others, 'orphan'];
  return policy === 'Foreground' ? [...others, 'foregroundDeletion'] : others;
}

function checkPreconditions({ served }: ResourceKind, options: DeleteOptions, stored: JsonObject): void {
  const { name, uid = '', resourceVersion = '' } = metadataOf(stored);
  const refuse = (what: string, wanted: string, found: string, guess: string): Error => {
    const qualified = served.group === '' ? served.kind : `${served.kind}.${served.group}`;
    const problem =
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). ` +
      `The object might have been ${guess}`;
    const message = `Operation cannot be fulfilled on ${qualified} "${name}": ${problem}`;
    return apiError('Conflict', message, { ...resourceDetails(served, name), kind: served.kind });
  };
  if (options.uid !== undefined && options.uid !== uid) {
    throw refuse('UID', options.uid, uid, 'deleted and then recreated');
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw refuse('ResourceVersion', options.resourceVersion, resourceVersion, 'modified');
  }
}
