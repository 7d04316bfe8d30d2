import assert from 'node:assert/strict';
import { findMalformedNodes } from '../../../../../src/apiserver/schema/definition/well-formed-schema.ts';

describe('apiserver/schema/definition/well-formed-schema', () => {
  const cases = [
    {
      name: 'passes a schema',
      schema: { type: 'object', properties: { a: { type: 'string', enum: ['x'] } } },
      want: [],
    },
    { name: 'leaves free-form values alone', schema: { default: null, example: 1, enum: [null] }, want: [] },
    { name: 'finds a property that is null', schema: { properties: { a: null } }, want: ['s.properties[a]'] },
    { name: 'finds a type that is a list', schema: { items: { type: ['string'] } }, want: ['s.items.type'] },
    {
      name: 'finds a limit that is a text',
      schema: { anyOf: [{ maximum: '1' }] },
      want: ['s.anyOf[0].maximum'],
    },
    { name: 'finds required fields by flag', schema: { required: true }, want: ['s.required'] },
    { name: 'finds what is no schema', schema: 'x', want: ['s'] },
  ];
  for (const { name, schema, want } of cases) {
    it(name, () => {
      assert.deepEqual(
        findMalformedNodes(schema, 's').map(({ field }) => field),
        want,
      );
    });
  }
});
