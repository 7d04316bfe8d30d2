import { objectMetaSchema } from './builtin/object-meta-schema.ts';
import { childSchema } from './child-schema.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { mapItems, mapValues, removed } from './map-changed.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/**
 * Fills in defaults at every level that exists; parents are not made up. A null where none is allowed counts as
 * absent: it gives way to the default, or is dropped. (Not in lists: there it is an error for validation to report.)
 */
export function defaultObject(object: JsonObject, schema: OpenApiSchema): JsonObject {
  return defaultKeys(object, schema, true);
}

function defaultValue(value: unknown, schema: OpenApiSchema): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : mapItems(value, (item) => defaultValue(item, items));
  }
  if (!isJsonObject(value)) return value;
  return defaultKeys(value, schema, schema['x-kubernetes-embedded-resource'] === true);
}

function defaultKeys(object: JsonObject, schema: OpenApiSchema, isResource: boolean): JsonObject {
  const filled = fillAbsent(object, schema);
  return mapValues(filled, (value, key) => {
    const child = isResource && key === 'metadata' ? objectMetaSchema : childSchema(schema, key);
    if (child === undefined) return value;
    if (value === null && child.nullable !== true) return removed;
    return defaultValue(value, child);
  });
}

function fillAbsent(object: JsonObject, schema: OpenApiSchema): JsonObject {
  let filled: JsonObject | undefined;
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (child.default === undefined) continue;
    const isNull = Object.hasOwn(object, key) && object[key] === null;
    if (Object.hasOwn(object, key) && !(isNull && child.nullable !== true)) continue;
    filled ??= { ...object };
    filled[key] = structuredClone(child.default);
  }
  return filled ?? object;
}
