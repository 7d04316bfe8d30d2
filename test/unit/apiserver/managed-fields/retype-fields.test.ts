import assert from 'node:assert/strict';
import { encodeFields, parseFields } from '../../../../src/apiserver/managed-fields/sets/fields-v1.ts';
import { typeOf } from '../../../../src/apiserver/managed-fields/typed/field-type.ts';
import { retypeFields } from '../../../../src/apiserver/managed-fields/typed/retype-fields.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';

const text: OpenApiSchema = { type: 'string' };
const schema = (whole: OpenApiSchema): OpenApiSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties: { whole, other: { type: 'object' } } } },
});

describe('apiserver/managed-fields/typed/retype-fields', () => {
  const cases = [
    {
      name: 'makes a list that became atomic one field',
      type: { type: 'array', items: text },
      fields: { 'f:spec': { 'f:whole': { '.': {}, 'v:"a"': {} }, 'f:other': { 'f:a': {} } } },
      want: { 'f:spec': { 'f:whole': {}, 'f:other': { 'f:a': {} } } },
    },
    {
      name: 'makes a map that became atomic one field',
      type: { type: 'object', additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
      fields: { 'f:spec': { 'f:whole': { 'f:a': {} } } },
      want: { 'f:spec': { 'f:whole': {} } },
    },
    {
      name: 'leaves the owner of a whole the whole',
      type: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      fields: { 'f:spec': { 'f:whole': {} } },
      want: { 'f:spec': { 'f:whole': {} } },
    },
  ] as const;
  for (const { name, type, fields, want } of cases) {
    it(name, () => {
      const set = parseFields(fields);
      assert.ok(set !== undefined);
      assert.deepEqual(encodeFields(retypeFields(set, typeOf(schema(type)))), want);
    });
  }
});
