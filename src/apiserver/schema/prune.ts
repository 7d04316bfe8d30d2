import { objectMetaSchema } from './builtin/object-meta-schema.ts';
import { childSchema, keepsUnknown } from './child-schema.ts';
import { childPath, indexPath } from './field-path.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { mapItems, mapValues, removed } from './map-changed.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

const typeMeta = ['apiVersion', 'kind'];

/** Removes what no schema describes, at every level; adds the paths of it to `unknownFields`. */
export function pruneObject(object: JsonObject, schema: OpenApiSchema, unknownFields: string[]): JsonObject {
  return pruneKeys(object, { schema, isResource: true }, '', unknownFields);
}

interface Place {
  readonly schema: OpenApiSchema;
  /** The root or an embedded resource: `apiVersion`, `kind` and `metadata` belong there whatever the schema says. */
  readonly isResource: boolean;
}

function pruneValue(value: unknown, schema: OpenApiSchema, path: string, unknownFields: string[]): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return value;
    return mapItems(value, (item, index) => pruneValue(item, items, indexPath(path, index), unknownFields));
  }
  if (!isJsonObject(value)) return value;
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  return pruneKeys(value, { schema, isResource }, path, unknownFields);
}

function pruneKeys(object: JsonObject, place: Place, path: string, unknownFields: string[]): JsonObject {
  const { schema, isResource } = place;
  return mapValues(object, (value, key) => {
    const keyPath = childPath(path, key);
    if (isResource && typeMeta.includes(key)) return value;
    if (isResource && key === 'metadata') return pruneValue(value, objectMetaSchema, keyPath, unknownFields);
    const child = childSchema(schema, key);
    if (child !== undefined) return pruneValue(value, child, keyPath, unknownFields);
    if (keepsUnknown(schema)) return value;
    unknownFields.push(keyPath);
    return removed;
  });
}
