import { isApiError } from '../../api/api-error.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { removeObject } from '../verbs/remove-object.ts';
import { type UpkeepContext, upkeepUser } from './upkeep-context.ts';

/** Asks every object below the prefix to go; answers how many are still there, held by their finalizers. */
export async function emptyPrefix(
  context: UpkeepContext,
  kind: ResourceKind,
  prefix: string,
): Promise<number> {
  for (const entry of context.store.range(prefix).entries) {
    const { name, namespace, deletionTimestamp } = metadataOf(kind.codec.decode(entry));
    if (deletionTimestamp !== undefined) continue;
    const removal = {
      ...{ kind, place: { name, namespace }, options: { isDryRun: false } },
      ...{ user: upkeepUser, term: context.term },
    };
    try {
      await removeObject(context, removal, context.signal);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
  return context.store.range(prefix).entries.length;
}
