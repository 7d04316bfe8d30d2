import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../../api/meta.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { StoredEntry } from '../../consensus/store/store.ts';
import { storedKinds } from '../registry/kind-registry.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { type ResourceKind, qualifiedResource } from '../registry/resource-kind.ts';
import { namespacePrefix, storageKey } from '../registry/storage-key.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { editStored } from './edit-stored.ts';
import { emptyPrefix } from './empty-prefix.ts';
import type { UpkeepContext } from './upkeep-context.ts';

const conditionType = 'NamespaceContentRemaining';

/** Deletes the content of namespaces that are to go, and then the namespaces. */
export async function emptyNamespaces(context: UpkeepContext): Promise<void> {
  const kind = context.registry.find('', 'v1', 'namespaces');
  if (kind === undefined) return;
  for (const entry of context.store.range(namespacePrefix).entries) {
    const namespace = kind.codec.decode(entry);
    if (metadataOf(namespace).deletionTimestamp !== undefined) await emptyNamespace(context, { kind, entry });
  }
}

interface StoredNamespace {
  readonly kind: ResourceKind;
  readonly entry: StoredEntry;
}

async function emptyNamespace(context: UpkeepContext, { kind, entry }: StoredNamespace): Promise<void> {
  const namespace = kind.codec.decode(entry);
  const { name } = metadataOf(namespace);
  const remaining: string[] = [];
  for (const content of storedKinds(context.registry)) {
    if (!content.served.namespaced) continue;
    const prefix = storageKey(content.prefix, { namespace: name, name: '' });
    const count = await emptyPrefix(context, content, prefix);
    if (count > 0) remaining.push(`${qualifiedResource(content.served)} has ${count} resource instances`);
  }
  if (remaining.length === 0) {
    await editStored(context, { kind, entry }, { ...namespace, spec: { finalizers: [] } });
    return;
  }
  const told = withRemaining(namespace, remaining, context.clock.now());
  if (!isDeepStrictEqual(told, namespace)) await editStored(context, { kind, entry }, told);
}

/** Whoever waits for the namespace sees what it waits for. */
function withRemaining(namespace: JsonObject, remaining: readonly string[], nowMs: number): JsonObject {
  const status = isJsonObject(namespace['status']) ? namespace['status'] : {};
  const before = (status['conditions'] ?? []) as readonly Condition[];
  const known = before.find(({ type }) => type === conditionType);
  const condition: Condition = {
    type: conditionType,
    status: 'True',
    lastTransitionTime: known?.lastTransitionTime ?? formatTimestamp(nowMs),
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${remaining.join(', ')}`,
  };
  const others = before.filter(({ type }) => type !== conditionType);
  return { ...namespace, status: { ...status, conditions: [...others, condition] } };
}
