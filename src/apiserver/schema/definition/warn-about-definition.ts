import { isJsonObject, type JsonObject } from '../json-object.ts';
import { warnAboutUnevaluatedRules } from '../unevaluated-rules.ts';
import type { DefinitionSpec } from './definition-spec.ts';

/** What the author of a definition should hear: sent as warnings with the answer to a create or update of it. */
export function warnAboutDefinition(object: JsonObject): string[] {
  if (!isJsonObject(object['spec'])) return [];
  const spec = object['spec'] as unknown as DefinitionSpec; // -- only called for definitions that passed their checks.
  return spec.versions.flatMap(({ name, schema }) =>
    schema?.openAPIV3Schema === undefined ? [] : warnAboutUnevaluatedRules(name, schema.openAPIV3Schema),
  );
}
