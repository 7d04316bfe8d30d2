import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject, ownProperty } from '../json-object.ts';
import { builtInKind } from './built-in-kind.ts';
import { checkDataKeys, checkUnchanged } from './key-value-data.ts';
import { field, resourceSchema } from './schema-parts.ts';

export const configMapKind = builtInKind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  schema: resourceSchema('Settings as keys and values.', {
    data: field.textMap('Values that are text.'),
    binaryData: {
      type: 'object',
      description: 'Values that are bytes, in base64. No key may stand in data as well.',
      additionalProperties: { type: 'string', format: 'byte' },
    },
    immutable: field.flag('Whether the data can never be changed again.'),
  }),
  validateMore,
});

function validateMore(object: JsonObject, stored: JsonObject | undefined): StatusCause[] {
  return [
    ...checkDataKeys(object, ['data', 'binaryData']),
    ...keysInBoth(object),
    ...checkUnchanged(object, stored, ['data', 'binaryData']),
  ];
}

function keysInBoth(object: JsonObject): StatusCause[] {
  const [data, binaryData] = [ownProperty(object, 'data'), ownProperty(object, 'binaryData')];
  if (!isJsonObject(data) || !isJsonObject(binaryData)) return [];
  return Object.keys(data)
    .filter((key) => Object.hasOwn(binaryData, key))
    .map((key) => fieldCause.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
}
