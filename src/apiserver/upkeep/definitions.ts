import { isDeepStrictEqual } from 'node:util';
import { definitionFinalizer, judgeDefinition } from '../admission/definition.ts';
import type { Condition } from '../../api/meta.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { StoredEntry } from '../../consensus/store/store.ts';
import { asDefinition, isEstablished } from '../registry/definition-kinds.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { definitionPrefix, storagePrefix } from '../registry/storage-key.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { editStored, withoutFinalizer } from './edit-stored.ts';
import { emptyPrefix } from './empty-prefix.ts';
import type { UpkeepContext } from './upkeep-context.ts';

interface StoredDefinition {
  readonly kind: ResourceKind;
  readonly entry: StoredEntry;
}

/** Deletes all objects of definitions that are to go, and then the definitions; serves those whose names got free. */
export async function cleanUpDefinitions(context: UpkeepContext): Promise<void> {
  const kind = context.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  if (kind === undefined) return;
  for (const entry of context.store.range(definitionPrefix).entries) {
    const object = kind.codec.decode(entry);
    const { deletionTimestamp, finalizers = [] } = metadataOf(object);
    if (deletionTimestamp === undefined) await judgeAgain(context, { kind, entry }, object);
    else if (finalizers.includes(definitionFinalizer)) await removeObjects(context, { kind, entry }, object);
  }
}

/** The definition that had the names may be gone by now. */
async function judgeAgain(
  context: UpkeepContext,
  stored: StoredDefinition,
  object: JsonObject,
): Promise<void> {
  const definition = asDefinition(object);
  if (isEstablished(definition)) return;
  const judged = { ...object, status: judgeDefinition(definition, context) };
  if (!isDeepStrictEqual(judged, object)) await editStored(context, stored, judged);
}

async function removeObjects(
  context: UpkeepContext,
  stored: StoredDefinition,
  object: JsonObject,
): Promise<void> {
  const { group, names, versions } = asDefinition(object).spec;
  const prefix = storagePrefix(group, names.plural);
  const served = versions
    .map(({ name }) => context.registry.find(group, name, names.plural))
    .find((kind) => kind !== undefined);
  const remaining =
    served === undefined ? await removeUnserved(context, prefix) : await emptyPrefix(context, served, prefix);
  if (remaining === 0) {
    await editStored(context, stored, withoutFinalizer(object, definitionFinalizer));
    return;
  }
  const told = withTerminating(object, context.clock.now());
  if (told !== object) await editStored(context, stored, told);
}

const batchSize = 100;

/** Where no version is served nobody could take a finalizer away: these objects go as they are. */
async function removeUnserved({ store, term, signal }: UpkeepContext, prefix: string): Promise<number> {
  const batch = store.range(prefix).entries.slice(0, batchSize);
  if (batch.length === 0) return 0;
  const conditions = batch.map(({ key, revision }) => ({ key, revision }));
  const operations = batch.map(({ key }) => ({ kind: 'delete', key }) as const);
  await store.commit({ conditions, operations, term }, signal);
  return store.range(prefix).entries.length;
}

/** Whoever waits for the definition to go sees that it is being worked on. */
function withTerminating(object: JsonObject, nowMs: number): JsonObject {
  const status = isJsonObject(object['status']) ? object['status'] : {};
  const conditions = (status['conditions'] ?? []) as readonly Condition[];
  if (conditions.some(({ type }) => type === 'Terminating')) return object;
  const condition: Condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: formatTimestamp(nowMs),
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  };
  return { ...object, status: { ...status, conditions: [...conditions, condition] } };
}
