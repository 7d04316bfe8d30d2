import { isJsonObject, type JsonObject } from '../../schema/json-object.ts';
import {
  entriesOf,
  type FieldType,
  isBlank,
  type MapType,
  typeOfStoredKey,
  typeOfValue,
} from './field-type.ts';
import { mergeLists } from './merge-lists.ts';

/** `live` with everything that `applied` says: maps and keyed lists merge, sets unite, leaves are replaced. */
export function mergeValues(live: unknown, applied: unknown, type: FieldType): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const actual = typeOfValue(type, applied);
  if (actual.kind === 'leaf' || actual.kind !== typeOfValue(type, live).kind) return applied;
  if (isBlank(live) && isBlank(applied)) return applied;
  if (actual.kind === 'map') return mergeMaps(live, applied, actual);
  return mergeLists(live, applied, actual, mergeValues);
}

function mergeMaps(live: unknown, applied: unknown, type: MapType): JsonObject {
  const merged: JsonObject = isJsonObject(live) ? { ...live } : {};
  for (const [key, value] of entriesOf(applied)) {
    const present = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = mergeValues(present, value, typeOfStoredKey(type, key));
  }
  return merged;
}
