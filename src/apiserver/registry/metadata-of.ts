import type { ObjectMeta } from '../../api/meta.ts';
import type { JsonObject } from '../schema/json-object.ts';

/** The metadata of an object that passed the schema, which makes sure of its shape. */
export function metadataOf(object: JsonObject): ObjectMeta {
  return object['metadata'] as ObjectMeta;
}

export function withMetadata(object: JsonObject, metadata: ObjectMeta): JsonObject {
  return { ...object, metadata };
}

/** Nothing waits for it, nobody owns it: then the lists are left out, as clients expect. */
export function withoutEmptyLists<T extends Pick<ObjectMeta, 'finalizers' | 'ownerReferences'>>(
  metadata: T,
): T {
  const { finalizers, ownerReferences, ...rest } = metadata;
  return {
    ...rest,
    ...(isEmpty(finalizers) ? {} : { finalizers }),
    ...(isEmpty(ownerReferences) ? {} : { ownerReferences }),
  } as T;
}

function isEmpty(list: unknown): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.length === 0);
}
