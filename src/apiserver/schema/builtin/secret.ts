import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject, ownProperty } from '../json-object.ts';
import { builtInKind } from './built-in-kind.ts';
import { checkDataKeys, checkUnchanged } from './key-value-data.ts';
import { field, resourceSchema } from './schema-parts.ts';

export const secretKind = builtInKind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  selectableFields: ['type'],
  schema: resourceSchema('Data that only few may read, such as passwords, tokens and keys.', {
    data: {
      type: 'object',
      description: 'The values, in base64.',
      additionalProperties: { type: 'string', format: 'byte' },
    },
    stringData: field.textMap('Values as text; written into data, and never shown.'),
    type: { ...field.text('What the data is for; Opaque where nothing is said.'), default: 'Opaque' },
    immutable: field.flag('Whether the data can never be changed again.'),
  }),
  prepare: mergeStringData,
  validateMore,
});

/** `stringData` is a convenience of writing: what is stored, and read back, is `data` alone. */
function mergeStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  if (!isJsonObject(stringData)) return stringData === null ? rest : object;
  const data = ownProperty(object, 'data');
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    typeof value === 'string' ? Buffer.from(value).toString('base64') : value,
  ]);
  return { ...rest, data: { ...(isJsonObject(data) ? data : {}), ...Object.fromEntries(encoded) } };
}

function validateMore(object: JsonObject, stored: JsonObject | undefined): StatusCause[] {
  const type = ownProperty(object, 'type');
  const isTypeChanged = stored !== undefined && ownProperty(stored, 'type') !== type;
  return [
    ...checkDataKeys(object, ['data']),
    ...(isTypeChanged ? [fieldCause.invalid('type', type, 'field is immutable')] : []),
    ...checkUnchanged(object, stored, ['data']),
    ...checkKeysOfType(object, type),
  ];
}

const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function checkKeysOfType(object: JsonObject, type: unknown): StatusCause[] {
  if (typeof type !== 'string' || !Object.hasOwn(requiredKeys, type)) return [];
  const data = ownProperty(object, 'data');
  const missing = (requiredKeys[type] ?? []).filter(
    (key) => !isJsonObject(data) || !Object.hasOwn(data, key),
  );
  return missing.map((key) => fieldCause.required(`data[${key}]`));
}
