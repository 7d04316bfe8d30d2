import { objectMetaSchema } from './builtin/object-meta-schema.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

const typeMeta: Readonly<Record<string, OpenApiSchema>> = {
  apiVersion: { type: 'string', description: 'Group and version of the schema that the object follows.' },
  kind: { type: 'string', description: 'The kind of the object.' },
};

/**
 * A CRD says `type: object` for metadata, or nothing, and need not mention apiVersion and kind: every object has
 * them. This writes them out, at the root and in embedded resources, so that they are checked like all else.
 */
export function withResourceFields(schema: OpenApiSchema, isRoot = true): OpenApiSchema {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const { additionalProperties, items } = schema;
  const inner: OpenApiSchema = {
    ...schema,
    ...(schema.properties === undefined ? {} : { properties: mapProperties(schema.properties) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: withResourceFields(additionalProperties, false) }
      : {}),
    ...(items === undefined ? {} : { items: withResourceFields(items, false) }),
  };
  if (!isRoot && !isEmbedded) return inner;
  return {
    ...inner,
    properties: { ...typeMeta, ...inner.properties, metadata: mergeMetadata(inner.properties?.['metadata']) },
    ...(isEmbedded ? { required: [...new Set([...(inner.required ?? []), 'apiVersion', 'kind'])] } : {}),
  };
}

function mapProperties(
  properties: Readonly<Record<string, OpenApiSchema>>,
): Readonly<Record<string, OpenApiSchema>> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, child]) => [key, withResourceFields(child, false)]),
  );
}

/** What a CRD adds to metadata can only restrict `name` and `generateName` further. */
function mergeMetadata(own: OpenApiSchema | undefined): OpenApiSchema {
  const restrictions = Object.entries(own?.properties ?? {}).map(([key, child]) => {
    const standard = objectMetaSchema.properties?.[key] ?? {};
    return [key, { ...child, ...standard }] as const;
  });
  return {
    ...objectMetaSchema,
    properties: { ...objectMetaSchema.properties, ...Object.fromEntries(restrictions) },
  };
}
