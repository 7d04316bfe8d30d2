import assert from 'node:assert/strict';
import { compileKindSchema } from '../../../../src/apiserver/schema/kind-schema.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';
import { buildKind } from '../../../support/build-kind.ts';

const spec: OpenApiSchema = {
  type: 'object',
  required: ['image'],
  properties: {
    image: { type: 'string' },
    replicas: { type: 'integer', minimum: 1, maximum: 100, default: 1 },
    ratio: { type: 'number', minimum: 0, exclusiveMinimum: true, multipleOf: 0.5 },
    tier: { type: 'string', enum: ['gold', 'silver', 'iron'], 'x-muster-served': ['gold', 'silver'] },
    note: { type: 'string', nullable: true, default: 'none', maxLength: 5 },
    port: { 'x-kubernetes-int-or-string': true },
    address: { type: 'string', format: 'ipv4' },
    labels: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^[a-z]+$' },
      maxProperties: 2,
    },
    tags: { type: 'array', maxItems: 3, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'protocol'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, protocol: { type: 'string', default: 'tcp' } },
      },
    },
    blob: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
    },
    template: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    },
    source: {
      type: 'object',
      properties: { file: { type: 'string' }, url: { type: 'string' } },
      oneOf: [{ required: ['file'] }, { required: ['url'] }],
    },
  },
};
const schema = compileKindSchema(
  buildKind({
    schema: { type: 'object', properties: { spec, status: { type: 'object' } } },
    selectableFields: ['spec.replicas'],
  }),
);
const metadata = { name: 'a', namespace: 'default' };

function foo(fields: Record<string, unknown>): Record<string, unknown> {
  return { apiVersion: 'x.io/v1', kind: 'Foo', metadata, spec: { image: 'i', ...fields } };
}

function problems(object: Record<string, unknown>, stored?: Record<string, unknown>): string[] {
  return schema.validate(object, stored).map(({ field, message }) => `${String(field)}: ${message}`);
}

describe('apiserver/schema/kind-schema', () => {
  it('removes what no schema describes and says where it was', () => {
    const { object, unknownFields } = schema.prune({
      ...foo({
        zz: 1,
        ports: [{ name: 'p', q: 1 }],
        blob: { free: { x: 1 }, known: { a: 'b', c: 1 } },
        labels: { any: 'x' },
      }),
      metadata: { ...metadata, bogus: 1, labels: { constructor: 'x' } },
      extra: true,
    });
    assert.deepEqual(unknownFields, [
      'extra',
      'metadata.bogus',
      'spec.blob.known.c',
      'spec.ports[0].q',
      'spec.zz',
    ]);
    assert.deepEqual(object, {
      ...foo({ ports: [{ name: 'p' }], blob: { free: { x: 1 }, known: { a: 'b' } }, labels: { any: 'x' } }),
      metadata: { ...metadata, labels: { constructor: 'x' } },
    });
  });

  it('takes inherited names for unknown fields', () => {
    assert.deepEqual(schema.prune(foo({ toString: 1 })).unknownFields, ['spec.toString']);
  });

  it('answers the same object when there is nothing to remove or to fill in', () => {
    const object = foo({ replicas: 3, note: null, ports: [{ name: 'p', protocol: 'udp' }] });
    assert.equal(schema.prune(object).object, object);
    assert.equal(schema.applyDefaults(object), object);
  });

  const defaulted = [
    { name: 'absent fields', given: {}, want: { replicas: 1, note: 'none' } },
    {
      name: 'nulls that are not allowed',
      given: { replicas: null, image: null },
      want: { replicas: 1, note: 'none' },
    },
    { name: 'nothing over an allowed null', given: { note: null }, want: { replicas: 1, note: null } },
    {
      name: 'items of lists, but no missing parents',
      given: { ports: [{ name: 'p' }] },
      want: { replicas: 1, note: 'none', ports: [{ name: 'p', protocol: 'tcp' }] },
    },
    { name: 'no null in a list', given: { tags: [null] }, want: { replicas: 1, note: 'none', tags: [null] } },
  ];
  for (const { name, given, want } of defaulted) {
    it(`fills in ${name}`, () => {
      const object = foo(given);
      const before = structuredClone(object);
      const expected = Object.hasOwn(given, 'image') ? { ...foo(want), spec: want } : foo(want);
      assert.deepEqual(schema.applyDefaults(object), expected);
      assert.deepEqual(object, before, 'the argument must not change');
    });
  }

  const body = (path: string): string => `${path}: Invalid value: `;
  const wrong = [
    {
      given: { replicas: 101 },
      want: `${body('spec.replicas')}101: spec.replicas in body should be less than or equal to 100`,
    },
    {
      given: { replicas: 0 },
      want: `${body('spec.replicas')}0: spec.replicas in body should be greater than or equal to 1`,
    },
    {
      given: { replicas: 'x' },
      want: `${body('spec.replicas')}"string": spec.replicas in body must be of type integer: "string"`,
    },
    {
      given: { replicas: 1.5 },
      want: `${body('spec.replicas')}"number": spec.replicas in body must be of type integer: "number"`,
    },
    { given: { ratio: 0 }, want: `${body('spec.ratio')}0: spec.ratio in body should be greater than 0` },
    {
      given: { ratio: 0.7 },
      want: `${body('spec.ratio')}0.7: spec.ratio in body should be a multiple of 0.5`,
    },
    {
      given: { tier: 'wood' },
      want: 'spec.tier: Unsupported value: "wood": supported values: "gold", "silver", "iron"',
    },
    {
      given: { tier: 'iron' },
      want: 'spec.tier: Unsupported value: "iron": not served by this release; served: "gold", "silver"',
    },
    { given: { note: 'too long' }, want: 'spec.note: Too long: may not be more than 5 bytes' },
    {
      given: { port: 1.5 },
      want: `${body('spec.port')}"number": spec.port in body must be of type integer,string: "number"`,
    },
    {
      given: { address: '1.2.3' },
      want: `${body('spec.address')}"1.2.3": spec.address in body must be of type ipv4: "1.2.3"`,
    },
    {
      given: { labels: { a: 'A' } },
      want: `${body('spec.labels.a')}"A": spec.labels.a in body should match '^[a-z]+$'`,
    },
    {
      given: { labels: { a: 'a', b: 'b', c: 'c' } },
      want: 'spec.labels: Too many: 3: must have at most 2 items',
    },
    { given: { tags: ['a', 'b', 'a'] }, want: 'spec.tags[2]: Duplicate value: "a"' },
    {
      given: { tags: [null] },
      want: `${body('spec.tags[0]')}"null": spec.tags[0] in body must be of type string: "null"`,
    },
    {
      given: {
        ports: [
          { name: 'p', protocol: 'tcp' },
          { protocol: 'tcp', name: 'p' },
        ],
      },
      want: 'spec.ports[1]: Duplicate value: {"name":"p","protocol":"tcp"}',
    },
    { given: { ports: [{}] }, want: 'spec.ports[0].name: Required value' },
    { given: { image: undefined }, want: 'spec.image: Required value' },
    {
      given: { template: { apiVersion: '', kind: 'X' } },
      want: 'spec.template.apiVersion: Required value: must not be empty',
    },
    { given: { template: { apiVersion: 'v1' } }, want: 'spec.template.kind: Required value' },
    {
      given: { source: { file: 'a', url: 'b' } },
      want: `${body('spec.source')}"object": "spec.source" must validate one and only one schema (oneOf). Found 2 valid alternatives`,
    },
  ];
  for (const { given, want } of wrong) {
    it(`refuses ${JSON.stringify(given)}`, () => assert.deepEqual(problems(foo(given)), [want]));
  }

  it('accepts what is right', () => {
    const object = foo({
      port: 'http',
      ratio: 1.5,
      note: null,
      source: { url: 'u' },
      replicas: 3,
      address: '10.0.0.1',
    });
    assert.deepEqual(problems(object), []);
    assert.deepEqual(problems(foo({ port: 2n ** 62n })), []);
  });

  it('reports every problem at once', () => {
    const found = problems({
      ...foo({ replicas: 0, tier: 'wood' }),
      metadata: { name: 'A', namespace: 'default' },
    });
    assert.deepEqual(
      found.map((problem) => problem.split(':')[0]),
      ['metadata.name', 'spec.replicas', 'spec.tier'],
    );
  });

  it('lets old faults through that an update does not touch', () => {
    const stored = foo({ replicas: 500, tier: 'iron', tags: ['a', 'a'] });
    assert.deepEqual(
      problems(foo({ replicas: 500, tier: 'iron', tags: ['a', 'a'], note: 'new' }), stored),
      [],
    );
    assert.equal(problems(foo({ replicas: 501 }), stored).length, 1);
  });

  it('reads selectable fields as text', () => {
    const object = foo({ replicas: 3 });
    const fields = [...schema.selectableFields, 'spec.absent.x'];
    assert.deepEqual(
      fields.map((field) => schema.selectableValue(object, field)),
      ['a', 'default', '3', ''],
    );
  });

  it('answers a million wrong items with one problem', () => {
    const found = problems(foo({ tags: Array.from({ length: 100_000 }, (_, index) => index) }));
    assert.equal(found.length, 1);
  });
});
