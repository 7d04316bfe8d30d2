import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, ownProperty } from '../../schema/json-object.ts';
import type { OpenApiSchema } from '../../schema/open-api-schema.ts';

/** Whether it can be said which item of the old list an item was: only the keys of a list map do. */
export function canCorrelateItems(schema: OpenApiSchema): boolean {
  return schema['x-kubernetes-list-type'] === 'map';
}

export function canCorrelateMembers(schema: OpenApiSchema): boolean {
  return schema['x-kubernetes-map-type'] !== 'atomic';
}

/** The item of the old list with the same keys. */
export function findOldItem(schema: OpenApiSchema, item: unknown, old: unknown): unknown {
  if (!canCorrelateItems(schema) || !Array.isArray(old) || !isJsonObject(item)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return old.find(
    (other) =>
      isJsonObject(other) &&
      keys.every((key) => isDeepStrictEqual(ownProperty(item, key), ownProperty(other, key))),
  ) as unknown;
}
