import { childPath } from './field-path.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/** Where a schema has CEL rules; they are kept and published, and nobody runs them yet. */
function findUnevaluatedRules(schema: OpenApiSchema, path = ''): string[] {
  const { properties, additionalProperties, items } = schema;
  const rules = schema['x-kubernetes-validations'] ?? [];
  return [
    ...(rules.length === 0 ? [] : [path === '' ? 'the root' : path]),
    ...Object.entries(properties ?? {}).flatMap(([key, child]) =>
      findUnevaluatedRules(child, childPath(path, key)),
    ),
    ...(typeof additionalProperties === 'object'
      ? findUnevaluatedRules(additionalProperties, childPath(path, '*'))
      : []),
    ...(items === undefined ? [] : findUnevaluatedRules(items, `${path}[*]`)),
  ];
}

export function warnAboutUnevaluatedRules(version: string, schema: OpenApiSchema): string[] {
  return findUnevaluatedRules(schema).map(
    (place) =>
      `version ${version}: x-kubernetes-validations at ${place} are stored but not evaluated by this server yet; ` +
      'objects that break them are accepted',
  );
}
