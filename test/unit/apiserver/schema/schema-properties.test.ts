import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileKindSchema } from '../../../../src/apiserver/schema/kind-schema.ts';
import { checkStructural } from '../../../../src/apiserver/schema/definition/structural-schema.ts';
import { checkDefaults } from '../../../../src/apiserver/schema/definition/schema-defaults.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';
import { buildKind } from '../../../support/build-kind.ts';

const key = fc.constantFrom('a', 'b', 'c', 'constructor', 'toString');
const scalar = fc.oneof(fc.boolean(), fc.integer(), fc.string({ maxLength: 4 }), fc.constant(null));

/** Structural schemas a few levels deep, with defaults here and there. */
const { node } = fc.letrec<{ node: OpenApiSchema }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<OpenApiSchema>(
      { type: 'string' },
      { type: 'string', default: 'x' },
      { type: 'integer', default: 3, nullable: true },
      { type: 'boolean' },
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      { type: 'object', additionalProperties: { type: 'string' }, default: { a: 'b' } },
    ),
    fc.record({ type: fc.constant('array'), items: tie('node') }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(key, tie('node'), { maxKeys: 3, noNullPrototype: true }),
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('node') }),
  ),
}));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const spec = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true });

function compile(schema: OpenApiSchema): ReturnType<typeof compileKindSchema> {
  return compileKindSchema(buildKind({ schema: { type: 'object', properties: { spec: schema } } }));
}

describe('apiserver/schema properties', function () {
  this.timeout(20_000);

  it('removes and fills in nothing more the second time', () => {
    fc.assert(
      fc.property(node, spec, (schema, given) => {
        const compiled = compile(schema);
        const once = compiled.applyDefaults(compiled.prune({ spec: given }).object);
        assert.deepEqual(compiled.prune(once), { object: once, unknownFields: [] });
        assert.equal(compiled.applyDefaults(once), once);
      }),
    );
  });

  it('never changes its argument', () => {
    fc.assert(
      fc.property(node, spec, (schema, given) => {
        const before = structuredClone(given);
        const compiled = compile(schema);
        compiled.validate(compiled.applyDefaults(compiled.prune({ spec: given }).object));
        assert.deepEqual(given, before);
      }),
      { numRuns: 50 },
    );
  });

  it('makes only valid objects out of nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(key, node, { maxKeys: 3, noNullPrototype: true }), (properties) => {
        const root: OpenApiSchema = { type: 'object', properties };
        assert.deepEqual([...checkStructural(root, 's'), ...checkDefaults(root, 's')], []);
        const compiled = compile(root);
        const object = compiled.applyDefaults({ metadata: { name: 'a', namespace: 'b' }, spec: {} });
        assert.deepEqual(compiled.validate(object), []);
      }),
      { numRuns: 50 },
    );
  });
});
