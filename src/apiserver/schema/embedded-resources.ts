import type { StatusCause } from '../../api/api-error.ts';
import { childSchema } from './child-schema.ts';
import { fieldCause } from './field-cause.ts';
import { childPath, indexPath } from './field-path.ts';
import { isJsonObject, type JsonObject, ownProperty } from './json-object.ts';
import { validateMetaMaps } from './object-meta.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/** Holds whole objects inside an object to the rules of objects: they name their type, their metadata is sound. */
export function validateEmbeddedResources(value: unknown, schema: OpenApiSchema, path = ''): StatusCause[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => validateEmbeddedResources(item, items, indexPath(path, index)));
  }
  if (!isJsonObject(value)) return [];
  const own = schema['x-kubernetes-embedded-resource'] === true ? checkResource(value, path) : [];
  const inside = Object.entries(value).flatMap(([key, member]) => {
    const child = childSchema(schema, key);
    return child === undefined ? [] : validateEmbeddedResources(member, child, childPath(path, key));
  });
  return [...own, ...inside];
}

function checkResource(resource: JsonObject, path: string): StatusCause[] {
  const empty = ['apiVersion', 'kind'].filter((key) => ownProperty(resource, key) === '');
  const metadata = ownProperty(resource, 'metadata');
  return [
    ...empty.map((key) => fieldCause.required(childPath(path, key), 'must not be empty')),
    ...(isJsonObject(metadata) ? validateMetaMaps(metadata, childPath(path, 'metadata')) : []),
  ];
}
