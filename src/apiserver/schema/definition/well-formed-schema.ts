import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject } from '../json-object.ts';

type Shape =
  'boolean' | 'list' | 'number' | 'schema' | 'schema or boolean' | 'schemas' | 'schemas by name' | 'string';

const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...['type', 'format', 'title', 'description', 'pattern', '$ref'].map((key) => [key, 'string'] as const),
  ...['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength'].map((key) => [key, 'number'] as const),
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'].map((key) => [key, 'number'] as const),
  ...['nullable', 'uniqueItems', 'exclusiveMinimum', 'exclusiveMaximum'].map(
    (key) => [key, 'boolean'] as const,
  ),
  ...['enum', 'required', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations'].map(
    (key) => [key, 'list'] as const,
  ),
  ...['allOf', 'anyOf', 'oneOf'].map((key) => [key, 'schemas'] as const),
  ['items', 'schema'],
  ['not', 'schema'],
  ['additionalProperties', 'schema or boolean'],
  ['properties', 'schemas by name'],
]);

/**
 * Whether a schema is one at all. A definition keeps its schema as free-form JSON, and everything that reads schemas
 * relies on the types of their keywords.
 */
export function findMalformedNodes(schema: unknown, path: string): StatusCause[] {
  if (!isJsonObject(schema)) return [malformed(path, schema, 'an object')];
  return Object.entries(schema).flatMap(([key, value]) => {
    const shape = shapes.get(key);
    return shape === undefined ? [] : checkShape(shape, value, `${path}.${key}`);
  });
}

function checkShape(shape: Shape, value: unknown, path: string): StatusCause[] {
  switch (shape) {
    case 'schema':
      return findMalformedNodes(value, path);
    case 'schema or boolean':
      return typeof value === 'boolean' ? [] : findMalformedNodes(value, path);
    case 'schemas':
      if (!Array.isArray(value)) return [malformed(path, value, 'a list')];
      return value.flatMap((item, index) => findMalformedNodes(item, `${path}[${index}]`));
    case 'schemas by name':
      if (!isJsonObject(value)) return [malformed(path, value, 'an object')];
      return Object.entries(value).flatMap(([name, item]) => findMalformedNodes(item, `${path}[${name}]`));
    case 'list':
      return Array.isArray(value) ? [] : [malformed(path, value, 'a list')];
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint'
        ? []
        : [malformed(path, value, 'a number')];
    case 'boolean':
    case 'string':
      return typeof value === shape ? [] : [malformed(path, value, `a ${shape}`)];
  }
}

function malformed(path: string, value: unknown, wanted: string): StatusCause {
  return fieldCause.typeInvalid(path, value, `must be ${wanted}`);
}
