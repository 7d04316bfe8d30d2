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

const contentType = 'NamespaceContentRemaining';
const finalizerType = 'NamespaceFinalizersRemaining';

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
  const held = new Map<string, number>();
  for (const content of storedKinds(context.registry)) {
    if (!content.served.namespaced) continue;
    const prefix = storageKey(content.prefix, { namespace: name, name: '' });
    const count = await emptyPrefix(context, content, prefix);
    if (count === 0) continue;
    remaining.push(`${qualifiedResource(content.served)} has ${count} resource instances`);
    countFinalizers(context, content, { prefix, held });
  }
  if (remaining.length === 0) {
    await editStored(context, { kind, entry }, { ...namespace, spec: { finalizers: [] } });
    return;
  }
  const told = withConditions(namespace, describeRemaining(remaining, held), context.clock.now());
  if (!isDeepStrictEqual(told, namespace)) await editStored(context, { kind, entry }, told);
}

interface HeldContent {
  readonly prefix: string;
  /** How many objects wait for each finalizer. */
  readonly held: Map<string, number>;
}

function countFinalizers(
  { store }: UpkeepContext,
  { codec }: ResourceKind,
  { prefix, held }: HeldContent,
): void {
  for (const entry of store.range(prefix).entries) {
    for (const finalizer of metadataOf(codec.decode(entry)).finalizers ?? []) {
      held.set(finalizer, (held.get(finalizer) ?? 0) + 1);
    }
  }
}

type Verdict = Omit<Condition, 'lastTransitionTime'>;

function describeRemaining(remaining: readonly string[], held: ReadonlyMap<string, number>): Verdict[] {
  const waits = [...held].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return [
    {
      type: contentType,
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${remaining.join(', ')}`,
    },
    held.size === 0
      ? {
          type: finalizerType,
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        }
      : {
          type: finalizerType,
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${waits.join(', ')}`,
        },
  ];
}

/** Whoever waits for the namespace sees what it waits for. */
function withConditions(namespace: JsonObject, verdicts: readonly Verdict[], nowMs: number): JsonObject {
  const status = isJsonObject(namespace['status']) ? namespace['status'] : {};
  const before = (status['conditions'] ?? []) as readonly Condition[];
  const conditions = verdicts.map((verdict): Condition => {
    const known = before.find(({ type, status: value }) => type === verdict.type && value === verdict.status);
    return { ...verdict, lastTransitionTime: known?.lastTransitionTime ?? formatTimestamp(nowMs) };
  });
  const others = before.filter(({ type }) => !verdicts.some((verdict) => verdict.type === type));
  return { ...namespace, status: { ...status, conditions: [...others, ...conditions] } };
}
