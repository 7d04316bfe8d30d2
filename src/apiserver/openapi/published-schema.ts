import type { JsonObject } from '../schema/json-object.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { metaSchemas } from './meta-schemas.ts';
import { groupVersionKind, metaTypes, schemaName } from './schema-names.ts';

/** How a document points to a named schema: the two versions of OpenAPI keep them in different places. */
export type MakeRef = (name: string) => string;

/** The schemas of some kinds and of their lists, with the shared types, by name. */
export function publishSchemas(kinds: readonly ServedKind[], ref: MakeRef): Record<string, OpenApiSchema> {
  const published = kinds.flatMap((kind) => [
    [schemaName(kind, kind.kind), publishKind(kind, ref)] as const,
    [schemaName(kind, kind.listKind), publishList(kind, ref)] as const,
  ]);
  return { ...metaSchemas, ...Object.fromEntries(published) };
}

/**
 * `kubectl explain` shows apiVersion, kind and metadata only where the schema has them, and follows only a
 * reference into the fields of metadata.
 */
function publishKind(kind: ServedKind, ref: MakeRef): OpenApiSchema {
  const { schema } = kind;
  const { apiVersion, kind: kindProperty, metadata, ...properties } = schema.properties ?? {};
  const description = metadata?.description ?? 'Standard metadata of the object.';
  return {
    ...schema,
    properties: {
      apiVersion: apiVersion ?? {
        type: 'string',
        description: 'Group and version of the schema that the object follows.',
      },
      kind: kindProperty ?? { type: 'string', description: 'The kind of the object.' },
      metadata: { description, allOf: [{ $ref: ref(metaTypes.objectMeta) }] },
      ...properties,
    },
    'x-kubernetes-group-version-kind': [groupVersionKind(kind, kind.kind)],
    ...selectableFields(kind),
  };
}

function selectableFields({ selectableFields: fields }: ServedKind): JsonObject {
  if (fields.length === 0) return {};
  return { 'x-kubernetes-selectable-fields': fields.map((fieldPath) => ({ fieldPath })) };
}

function publishList(kind: ServedKind, ref: MakeRef): OpenApiSchema {
  return {
    type: 'object',
    description: `A list of ${kind.kind} objects.`,
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of the list.' },
      kind: { type: 'string', description: 'The kind of the list.' },
      metadata: { description: 'Metadata of the list.', allOf: [{ $ref: ref(metaTypes.listMeta) }] },
      items: {
        type: 'array',
        description: 'The objects.',
        items: { allOf: [{ $ref: ref(schemaName(kind, kind.kind)) }] },
      },
    },
    'x-kubernetes-group-version-kind': [groupVersionKind(kind, kind.listKind)],
  };
}
