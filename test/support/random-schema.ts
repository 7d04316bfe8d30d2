import fc from 'fast-check';
import type { OpenApiSchema } from '../../src/apiserver/schema/open-api-schema.ts';

/** A structural schema, and how to make valid values of it. Few names and values, so that writers meet. */
export interface RandomType {
  readonly schema: OpenApiSchema;
  readonly values: fc.Arbitrary<unknown>;
}

const names = ['a', 'b', 'c'] as const;
const text = fc.constantFrom(...names);
const scalar: fc.Arbitrary<RandomType> = fc.constantFrom(
  { schema: { type: 'string' }, values: text },
  { schema: { type: 'string', default: 'b' }, values: text },
  { schema: { type: 'integer' }, values: fc.integer({ min: 0, max: 2 }) },
  { schema: { 'x-kubernetes-int-or-string': true }, values: fc.oneof(text, fc.constant(1)) },
);

const setList: fc.Arbitrary<RandomType> = fc.constant({
  schema: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  values: fc.uniqueArray(text),
});

const freeForm: fc.Arbitrary<RandomType> = fc.constant({
  schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  values: fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text)), { maxKeys: 3 }),
});

function atomicOf(inner: fc.Arbitrary<RandomType>): fc.Arbitrary<RandomType> {
  return inner.chain(({ schema, values }) =>
    fc.constantFrom<RandomType>(
      { schema: { type: 'array', items: schema }, values: fc.array(values, { maxLength: 3 }) },
      {
        schema: { type: 'object', additionalProperties: schema, 'x-kubernetes-map-type': 'atomic' },
        values: fc.dictionary(text, values, { maxKeys: 3 }),
      },
    ),
  );
}

function mapOf(inner: fc.Arbitrary<RandomType>): fc.Arbitrary<RandomType> {
  return inner.map(({ schema, values }) => ({
    schema: { type: 'object', additionalProperties: schema },
    values: fc.dictionary(text, values, { maxKeys: 3 }),
  }));
}

function objectOf(inner: fc.Arbitrary<RandomType>): fc.Arbitrary<RandomType> {
  return fc.dictionary(text, inner, { minKeys: 1, maxKeys: 3 }).map((members) => ({
    schema: { type: 'object', properties: mapMembers(members, ({ schema }) => schema) },
    values: fc.record(
      mapMembers(members, ({ values }) => values),
      { requiredKeys: [] },
    ),
  }));
}

/** The second key has a default, so that items may leave it out. */
function keyedListOf(inner: fc.Arbitrary<RandomType>): fc.Arbitrary<RandomType> {
  return inner.map(({ schema, values }) => ({
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['key', 'kind'],
      items: {
        type: 'object',
        required: ['key'],
        properties: { key: { type: 'string' }, kind: { type: 'string', default: 'x' }, value: schema },
      },
    },
    values: fc.uniqueArray(
      fc.record({ key: text, kind: fc.constantFrom('x', 'y'), value: values }, { requiredKeys: ['key'] }),
      { selector: ({ key, kind = 'x' }) => key + kind, maxLength: 4 },
    ),
  }));
}

function mapMembers<T, R>(members: Readonly<Record<string, T>>, change: (member: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(members).map(([key, member]) => [key, change(member)]));
}

function typeOfDepth(depth: number): fc.Arbitrary<RandomType> {
  if (depth === 0) return fc.oneof(scalar, scalar, setList, freeForm);
  const inner = typeOfDepth(depth - 1);
  return fc.oneof(...[scalar, setList, atomicOf(inner), mapOf(inner), objectOf(inner), keyedListOf(inner)]);
}

/** A whole kind with a random `spec` and objects of it, without metadata. */
export const randomKind: fc.Arbitrary<RandomType> = objectOf(typeOfDepth(2)).map(({ schema, values }) => ({
  schema: { type: 'object', properties: { spec: schema } },
  // Copied, since fast-check makes objects without a prototype as well.
  values: fc.record({ spec: values }, { requiredKeys: [] }).map((value) => structuredClone(value)),
}));
