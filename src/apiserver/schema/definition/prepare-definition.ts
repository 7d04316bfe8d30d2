import { isJsonObject, type JsonObject } from '../json-object.ts';

/** Fills in the names and the conversion that a definition may leave out. */
export function prepareDefinition(object: JsonObject): JsonObject {
  if (!isJsonObject(object['spec'])) return object;
  // False is the only value there is, so it is not kept.
  const { preserveUnknownFields, ...spec } = object['spec'];
  return {
    ...object,
    spec: {
      ...spec,
      conversion: isJsonObject(spec['conversion']) ? spec['conversion'] : { strategy: 'None' },
      ...(isJsonObject(spec['names']) ? { names: fillNames(spec['names']) } : {}),
      ...(preserveUnknownFields === true ? { preserveUnknownFields } : {}),
    },
  };
}

function fillNames(names: JsonObject): JsonObject {
  const { kind } = names;
  if (typeof kind !== 'string') return names;
  return {
    ...names,
    singular: isGiven(names['singular']) ? names['singular'] : kind.toLowerCase(),
    listKind: isGiven(names['listKind']) ? names['listKind'] : `${kind}List`,
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
