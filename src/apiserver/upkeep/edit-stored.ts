import type { StoredEntry } from '../../consensus/store/store.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { typesOfKind } from '../managed-fields/field-types.ts';
import { trackWrite } from '../managed-fields/track-write.ts';
import { commitWrite } from '../registry/commit-write.ts';
import { pendingFinalizers } from '../registry/finalizers.ts';
import { metadataOf, withMetadata, withoutEmptyLists } from '../registry/metadata-of.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { UpkeepContext } from './upkeep-context.ts';

/** As managedFields name the server's own edits. */
const manager = 'muster-apiserver';

/**
 * Writes the changed object back, or deletes it when nothing keeps a terminating one any more. A write that lost
 * against another is left alone: that other change brings the next pass.
 */
export async function editStored(
  context: UpkeepContext,
  { kind, entry }: { readonly kind: ResourceKind; readonly entry: StoredEntry },
  edited: JsonObject,
): Promise<void> {
  const object = trackEdit(
    context,
    { kind, entry },
    withMetadata(edited, withoutEmptyLists(metadataOf(edited))),
  );
  const { key, revision } = entry;
  const isRemoval = metadataOf(object).deletionTimestamp !== undefined;
  const isGone = isRemoval && pendingFinalizers(object).length === 0;
  const write = {
    operation: isGone
      ? ({ kind: 'delete', key } as const)
      : ({ kind: 'put', key, value: kind.codec.encode(object) } as const),
    conditions: [{ key, revision }],
    isDryRun: false,
    isRemoval,
    term: context.term,
  };
  await commitWrite(context, write, context.signal);
}

/** Who owned what is taken away here, owns it no more. */
function trackEdit(
  { clock, registry }: UpkeepContext,
  { kind, entry }: { readonly kind: ResourceKind; readonly entry: StoredEntry },
  object: JsonObject,
): JsonObject {
  const self = { name: manager, operation: 'Update', apiVersion: kind.apiVersion, subresource: '' } as const;
  return trackWrite(
    { kind: 'update', self, sent: undefined, isPatch: false },
    {
      ...{ stored: kind.codec.decode(entry), object, isChanged: true },
      ...{ time: formatTimestamp(clock.now()), findType: typesOfKind(registry, kind) },
    },
  );
}

export function withoutFinalizer(object: JsonObject, finalizer: string): JsonObject {
  const metadata = metadataOf(object);
  const finalizers = (metadata.finalizers ?? []).filter((name) => name !== finalizer);
  return withMetadata(object, { ...metadata, finalizers });
}
