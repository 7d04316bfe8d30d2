import { apiError } from '../../api/api-error.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';

// The lists of our built-in kinds that merge by key or as sets; every other list is replaced as a whole.
const mergeKeys: Readonly<Record<string, string | undefined>> = {
  ownerReferences: 'uid',
  conditions: 'type',
  secrets: 'name',
  imagePullSecrets: 'name',
};
const setLists = new Set(['finalizers']);
const directivePrefixes = ['$setElementOrder/', '$deleteFromPrimitiveList/', '$retainKeys', '$patch'];

/** The default patch of kubectl for built-in kinds. Changes neither argument. */
export function applyStrategicMergePatch(target: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) {
    throw apiError('BadRequest', 'error decoding patch: a strategic merge patch must be an object');
  }
  return mergeMap(target, patch);
}

function mergeMap(target: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw unknownDirective(directive);
  const merged = retainKeys({ ...target }, patch['$retainKeys']);
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key)) applyListDirective(merged, key, value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key)) continue;
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergeValue(key, Object.hasOwn(merged, key) ? merged[key] : undefined, value);
  }
  return orderLists(merged, patch);
}

function mergeValue(key: string, target: unknown, patch: unknown): unknown {
  if (isJsonObject(patch)) return mergeMap(isJsonObject(target) ? target : {}, patch);
  if (!Array.isArray(patch)) return patch;
  const present: unknown[] = Array.isArray(target) ? target : [];
  if (setLists.has(key)) return [...new Set(present.concat(patch))];
  const mergeKey = mergeKeys[key];
  return mergeKey === undefined ? patch.map(cleanItem) : mergeByKey(present, patch, mergeKey);
}

function mergeByKey(present: readonly unknown[], patch: readonly unknown[], mergeKey: string): unknown[] {
  const items = patch.filter(isJsonObject);
  if (items.some((item) => item['$patch'] === 'replace')) {
    return items.filter((item) => item['$patch'] !== 'replace').map(cleanItem);
  }
  return items.reduce<unknown[]>(
    (merged, item) => {
      const at = merged.findIndex((other) => isJsonObject(other) && other[mergeKey] === item[mergeKey]);
      if (item['$patch'] === 'delete') return at < 0 ? merged : merged.toSpliced(at, 1);
      if (at < 0) return [...merged, mergeMap({}, item)];
      return merged.with(at, mergeMap(merged[at] as JsonObject, item));
    },
    [...present],
  );
}

function applyListDirective(merged: JsonObject, key: string, value: unknown): void {
  const prefix = '$deleteFromPrimitiveList/';
  if (!key.startsWith(prefix) || !Array.isArray(value)) return;
  const field = key.slice(prefix.length);
  const list = Object.hasOwn(merged, field) ? merged[field] : undefined;
  if (Array.isArray(list)) merged[field] = list.filter((item) => !value.includes(item));
}

/** `$setElementOrder/F` names the items in the order that the client has them; others keep their place behind. */
function orderLists(merged: JsonObject, patch: JsonObject): JsonObject {
  const prefix = '$setElementOrder/';
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(prefix) || !Array.isArray(order)) continue;
    const field = key.slice(prefix.length);
    const list = Object.hasOwn(merged, field) ? merged[field] : undefined;
    if (!Array.isArray(list)) continue;
    const mergeKey = mergeKeys[field];
    const identify = (item: unknown): unknown =>
      mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item;
    const places = new Map(order.map((item, index) => [identify(item), index]));
    const placeOf = (item: unknown): number => places.get(identify(item)) ?? order.length;
    merged[field] = list.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
  return merged;
}

function retainKeys(target: JsonObject, keys: unknown): JsonObject {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !isDirective(key)));
}

function cleanItem(item: unknown): unknown {
  return isJsonObject(item) ? withoutDirectives(item) : item;
}

function isDirective(key: string): boolean {
  return directivePrefixes.some((prefix) => key.startsWith(prefix));
}

function unknownDirective(directive: unknown): Error {
  return apiError(
    'BadRequest',
    `error decoding patch: unknown $patch directive ${JSON.stringify(directive)}`,
  );
}
