import { metadataOf } from '../registry/metadata-of.ts';
import type { JsonObject } from '../schema/json-object.ts';

const metaV1 = 'meta.k8s.io/v1';

/** The object without everything but its metadata, for clients that only keep count. */
export function toPartialObjectMetadata(object: JsonObject, apiVersion = metaV1): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object['metadata'] ?? {} };
}

/** The same without `managedFields`, which are most of it. */
export function withoutOwners(object: JsonObject, apiVersion: string): JsonObject {
  const { managedFields: _owners, ...metadata } = metadataOf(object);
  return { kind: 'PartialObjectMetadata', apiVersion, metadata };
}

export function toPartialObjectMetadataList(
  items: readonly JsonObject[],
  metadata: JsonObject,
  apiVersion = metaV1,
): JsonObject {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion,
    metadata,
    items: items.map((item) => toPartialObjectMetadata(item, apiVersion)),
  };
}
