import type { ObjectMeta } from '../../api/meta.ts';
import type { JsonObject } from '../schema/json-object.ts';

/** The metadata of an object that passed the schema, which makes sure of its shape. */
export function metadataOf(object: JsonObject): ObjectMeta {
  return object['metadata'] as ObjectMeta;
}

export function withMetadata(object: JsonObject, metadata: ObjectMeta): JsonObject {
  return { ...object, metadata };
}
