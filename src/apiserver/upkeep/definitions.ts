import { definitionFinalizer } from '../admission/definition.ts';
import { asDefinition } from '../registry/definition-kinds.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { definitionPrefix, storagePrefix } from '../registry/storage-key.ts';
import { editStored, withoutFinalizer } from './edit-stored.ts';
import { emptyPrefix } from './empty-prefix.ts';
import type { UpkeepContext } from './upkeep-context.ts';

/** Deletes all objects of definitions that are to go, and then the definitions. */
export async function cleanUpDefinitions(context: UpkeepContext): Promise<void> {
  const definitions = context.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  if (definitions === undefined) return;
  for (const entry of context.store.range(definitionPrefix).entries) {
    const object = definitions.codec.decode(entry);
    const { deletionTimestamp, finalizers = [] } = metadataOf(object);
    if (deletionTimestamp === undefined || !finalizers.includes(definitionFinalizer)) continue;
    const { group, names, versions } = asDefinition(object).spec;
    const served = versions
      .map(({ name }) => context.registry.find(group, name, names.plural))
      .find((kind) => kind !== undefined);
    const prefix = storagePrefix(group, names.plural);
    const remaining = served === undefined ? 0 : await emptyPrefix(context, served, prefix);
    if (remaining > 0) continue;
    await editStored(context, { kind: definitions, entry }, withoutFinalizer(object, definitionFinalizer));
  }
}
