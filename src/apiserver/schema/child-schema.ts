import type { OpenApiSchema } from './open-api-schema.ts';

/** The schema of one key: its own, or that of all further keys. `undefined` means that none describes it. */
export function childSchema(schema: OpenApiSchema, key: string): OpenApiSchema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Whether keys that no schema describes belong here all the same. */
export function keepsUnknown(schema: OpenApiSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
}
