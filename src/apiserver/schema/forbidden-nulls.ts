import type { StatusCause } from '../../api/api-error.ts';
import { childSchema } from './child-schema.ts';
import { fieldCause } from './field-cause.ts';
import { childPath, indexPath } from './field-path.ts';
import { isJsonObject } from './json-object.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/**
 * Nulls that neither the schema allows nor a default replaces. Most writes drop them silently; one that was applied
 * would come back as a field that its applier owns and that is not there, so it is refused.
 */
export function findForbiddenNulls(value: unknown, schema: OpenApiSchema, path = ''): StatusCause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => findForbiddenNulls(item, items, indexPath(path, index)));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const child = childSchema(schema, key);
    if (child === undefined) return [];
    const place = childPath(path, key);
    if (member !== null) return findForbiddenNulls(member, child, place);
    return child.nullable === true || child.default !== undefined || child.type === undefined
      ? []
      : [fieldCause.typeInvalid(place, 'null', `${place} in body must be of type ${child.type}: "null"`)];
  });
}
