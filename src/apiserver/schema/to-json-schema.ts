import type { JsonObject } from './json-object.ts';
import type { OpenApiSchema } from './open-api-schema.ts';
import { integerFormats, stringFormats } from './value-formats.ts';

/** Keywords that mean the same in OpenAPI v3 and in JSON Schema. */
const sameKeywords = [
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'pattern',
  'required',
  'uniqueItems',
] as const;

/**
 * Rewrites an OpenAPI v3 schema into the JSON Schema that ajv checks. Everything that is no value validation stays
 * out: pruning, defaults and list types have code of their own, because ajv's ideas of them differ.
 */
export function toJsonSchema(schema: OpenApiSchema): JsonObject {
  const rewritten: JsonObject = {};
  for (const keyword of sameKeywords) {
    if (schema[keyword] !== undefined) rewritten[keyword] = schema[keyword];
  }
  return {
    ...rewritten,
    ...typeOf(schema),
    ...limitsOf(schema),
    ...childrenOf(schema),
    ...junctorsOf(schema),
  };
}

function typeOf(schema: OpenApiSchema): JsonObject {
  const types = schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : typesOf(schema);
  const values = schema.enum;
  const isNullable = schema.nullable === true;
  return {
    ...(types.length === 0 ? {} : { type: isNullable ? [...types, 'null'] : types }),
    ...(values === undefined ? {} : { enum: isNullable ? [...values, null] : values }),
    ...formatOf(schema),
  };
}

function typesOf({ type }: OpenApiSchema): string[] {
  return type === undefined || type === '' ? [] : [type];
}

function formatOf({ type, format }: OpenApiSchema): JsonObject {
  if (format === undefined) return {};
  const known = type === 'integer' || type === 'number' ? integerFormats : stringFormats;
  return Object.hasOwn(known, format) ? { format } : {};
}

/** OpenAPI 3.0 says "exclusive" with a boolean beside the limit; JSON Schema with a limit of its own. */
function limitsOf(schema: OpenApiSchema): JsonObject {
  const limits: JsonObject = {};
  if (schema.exclusiveMinimum === true && schema.minimum !== undefined) {
    limits['exclusiveMinimum'] = schema.minimum;
  }
  if (schema.exclusiveMaximum === true && schema.maximum !== undefined) {
    limits['exclusiveMaximum'] = schema.maximum;
  }
  return limits;
}

function childrenOf({ properties, additionalProperties, items }: OpenApiSchema): JsonObject {
  const children: JsonObject = {};
  if (properties !== undefined) {
    children['properties'] = Object.fromEntries(
      Object.entries(properties).map(([key, child]) => [key, toJsonSchema(child)]),
    );
  }
  if (typeof additionalProperties === 'object') {
    children['additionalProperties'] = toJsonSchema(additionalProperties);
  }
  if (items !== undefined) children['items'] = toJsonSchema(items);
  return children;
}

function junctorsOf(schema: OpenApiSchema): JsonObject {
  const junctors: JsonObject = {};
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const branches = schema[keyword];
    // The only anyOf that an int-or-string may have says "integer or string" again.
    if (branches === undefined || branches.length === 0 || isIntOrString(schema, keyword)) continue;
    junctors[keyword] = branches.map(toJsonSchema);
  }
  if (schema.not !== undefined) junctors['not'] = toJsonSchema(schema.not);
  return junctors;
}

function isIntOrString(schema: OpenApiSchema, keyword: string): boolean {
  if (schema['x-kubernetes-int-or-string'] !== true || keyword !== 'anyOf') return false;
  return schema.anyOf?.map(({ type }) => type).join() === 'integer,string';
}
