import { isJsonObject, type JsonObject } from '../schema/json-object.ts';
import { managedFieldsOf } from './managed-fields-of.ts';

const shared = new Map<string, JsonObject>();
const maxShared = 512;
const maxTextLength = 16_384; // far beyond any real set, so that no client can fill the memory

/**
 * To be called on an object fresh from the store, which nobody else has yet: it is changed in place.
 *
 * Objects that were made alike have owners with the very same fields, and these trees of many small objects would be
 * most of what a decoded object takes. All of them get one copy, which is then also parsed only once.
 */
export function shareFields(object: JsonObject): void {
  const entries = managedFieldsOf(object);
  if (!Array.isArray(entries)) return;
  for (const entry of entries as unknown[]) {
    if (isJsonObject(entry) && isJsonObject(entry['fieldsV1'])) entry['fieldsV1'] = share(entry['fieldsV1']);
  }
}

function share(fields: JsonObject): JsonObject {
  const text = JSON.stringify(fields);
  if (text.length > maxTextLength) return fields;
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size >= maxShared) shared.clear();
  shared.set(text, fields);
  return fields;
}
