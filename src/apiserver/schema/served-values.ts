import type { StatusCause } from '../../api/api-error.ts';
import { childSchema } from './child-schema.ts';
import { fieldCause } from './field-cause.ts';
import { childPath, indexPath } from './field-path.ts';
import { isJsonObject } from './json-object.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/**
 * Refuses values that the schema knows and this release cannot act on. To accept and ignore them would be worse: the
 * object would look as if it worked.
 */
export function findUnservedValues(value: unknown, schema: OpenApiSchema, path = ''): StatusCause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => findUnservedValues(item, items, indexPath(path, index)));
  }
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, member]) => {
      const child = childSchema(schema, key);
      return child === undefined ? [] : findUnservedValues(member, child, childPath(path, key));
    });
  }
  const served = schema['x-muster-served'];
  if (served === undefined || served.includes(value) || schema.enum?.includes(value) !== true) return [];
  return [fieldCause.notServed(path, value, served)];
}
