import type { StatusCause } from '../../api/api-error.ts';
import { childSchema } from './child-schema.ts';
import { fieldCause } from './field-cause.ts';
import { childPath, indexPath } from './field-path.ts';
import { isJsonObject, ownProperty } from './json-object.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/** Reports items that appear twice in lists declared as sets or as maps by key. */
export function findDuplicateItems(value: unknown, schema: OpenApiSchema, path = ''): StatusCause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    const inItems =
      items === undefined
        ? []
        : value.flatMap((item, index) => findDuplicateItems(item, items, indexPath(path, index)));
    return [...duplicatesOf(value, schema, path), ...inItems];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const child = childSchema(schema, key);
    return child === undefined ? [] : findDuplicateItems(member, child, childPath(path, key));
  });
}

function duplicatesOf(items: readonly unknown[], schema: OpenApiSchema, path: string): StatusCause[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const identity = type === 'set' ? item : pickKeys(item, keys);
    const text = canonicalText(identity);
    if (seen.has(text)) return [fieldCause.duplicate(indexPath(path, index), identity)];
    seen.add(text);
    return [];
  });
}

function pickKeys(item: unknown, keys: readonly string[]): unknown {
  if (!isJsonObject(item)) return item;
  return Object.fromEntries(keys.map((key) => [key, ownProperty(item, key)]));
}

/** Equal values give equal texts, whatever the order of their keys. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return member.toString();
    if (!isJsonObject(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  });
}
