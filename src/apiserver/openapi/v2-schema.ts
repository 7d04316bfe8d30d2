import type { JsonObject } from '../schema/json-object.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';

/** Keywords that OpenAPI v2 does not have. Clients of v2 only look at the shape, so the rest is left out. */
const notInV2 = new Set(['allOf', 'anyOf', 'not', 'nullable', 'oneOf', 'x-kubernetes-validations']);

/** Rewrites a v3 schema for a Swagger document. */
export function toV2Schema(schema: OpenApiSchema): JsonObject {
  const [reference] = schema.allOf ?? [];
  if (reference?.$ref !== undefined) {
    return {
      ...(schema.description === undefined ? {} : { description: schema.description }),
      $ref: reference.$ref,
    };
  }
  // Old clients refuse what they find inside of an open node, and what has two types.
  if (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true
  ) {
    return pick(schema, [
      'description',
      'x-kubernetes-int-or-string',
      'x-kubernetes-preserve-unknown-fields',
    ]);
  }
  const entries = Object.entries(schema)
    .filter(([keyword]) => !notInV2.has(keyword))
    .map(([keyword, value]: [string, unknown]) => [keyword, rewrite(keyword, value)]);
  return Object.fromEntries(entries) as JsonObject;
}

function rewrite(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(value as Readonly<Record<string, OpenApiSchema>>) // -- the keyword says so.
          .map(([name, child]) => [name, toV2Schema(child)]),
      );
    case 'items':
      return toV2Schema(value as OpenApiSchema); // -- as above.
    case 'additionalProperties':
      return typeof value === 'object' ? toV2Schema(value as OpenApiSchema) : value; // -- as above.
    default:
      return value;
  }
}

function pick(schema: OpenApiSchema, keywords: readonly (keyof OpenApiSchema)[]): JsonObject {
  return Object.fromEntries(
    keywords.filter((keyword) => schema[keyword] !== undefined).map((keyword) => [keyword, schema[keyword]]),
  );
}
