import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { metadataOf } from './metadata-of.ts';

/** What still has to happen before the object may go. Namespaces keep a second list in their spec. */
export function pendingFinalizers(object: JsonObject): readonly string[] {
  const own = metadataOf(object).finalizers ?? [];
  if (object['apiVersion'] !== 'v1' || object['kind'] !== 'Namespace') return own;
  const spec = object['spec'];
  const more = isJsonObject(spec) ? spec['finalizers'] : undefined;
  return Array.isArray(more) ? [...own, ...(more as string[])] : own;
}
