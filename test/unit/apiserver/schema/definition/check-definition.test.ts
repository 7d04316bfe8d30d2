import assert from 'node:assert/strict';
import { customResourceDefinitionKind } from '../../../../../src/apiserver/schema/builtin/custom-resource-definition.ts';
import { compileKindSchema } from '../../../../../src/apiserver/schema/kind-schema.ts';

const schema = compileKindSchema(customResourceDefinitionKind);
const good = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } },
};

interface Differences {
  readonly name?: string;
  readonly spec?: object;
  readonly version?: object;
  readonly openAPIV3Schema?: object;
}

function definition({
  name = 'foos.x.io',
  spec,
  version,
  openAPIV3Schema = good,
}: Differences): Record<string, unknown> {
  const v1 = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version };
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'x.io',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [v1],
      ...spec,
    },
  };
  return customResourceDefinitionKind.prepare?.(object, undefined) ?? object;
}

function problems(differences: Differences, stored?: Differences): string[] {
  const before = stored === undefined ? undefined : definition(stored);
  return schema
    .validate(definition(differences), before)
    .map(({ field, message }) => `${String(field)}: ${message}`);
}

const at = 'spec.versions[0].schema.openAPIV3Schema';
const inSpec = (spec: object): Differences => ({ openAPIV3Schema: { type: 'object', properties: { spec } } });

describe('apiserver/schema/definition/check-definition', () => {
  it('accepts a sound definition and fills in its names', () => {
    assert.deepEqual(problems({}), []);
    const { names, conversion } = definition({})['spec'] as Record<string, unknown>;
    assert.deepEqual(names, { plural: 'foos', kind: 'Foo', singular: 'foo', listKind: 'FooList' });
    assert.deepEqual(conversion, { strategy: 'None' });
  });

  const cases: readonly { name: string; given: Differences; want: string }[] = [
    {
      name: 'another name',
      given: { name: 'bars.x.io' },
      want: 'metadata.name: Invalid value: "bars.x.io": must be spec.names.plural+"."+spec.group',
    },
    {
      name: 'an unknown scope',
      given: { spec: { scope: 'World' } },
      want: 'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
    },
    {
      name: 'no stored version',
      given: { version: { storage: false } },
      want: 'spec.versions: Invalid value: "v1": must have exactly one version marked as storage version',
    },
    {
      name: 'no schema',
      given: { version: { schema: undefined } },
      want: `${at}: Required value: schemas are required`,
    },
    {
      name: 'a webhook',
      given: { spec: { conversion: { strategy: 'Webhook' } } },
      want: 'spec.conversion.strategy: Unsupported value: "Webhook": not served by this release; served: "None"',
    },
    {
      name: 'no root type',
      given: { openAPIV3Schema: { properties: {} } },
      want: `${at}.type: Required value: must not be empty at the root`,
    },
    {
      name: 'another root type',
      given: { openAPIV3Schema: { type: 'array', items: { type: 'string' } } },
      want: `${at}.type: Invalid value: "array": must be object at the root`,
    },
    {
      name: 'a field without type',
      given: inSpec({ type: 'object', properties: { a: {} } }),
      want: `${at}.properties[spec].properties[a].type: Required value: must not be empty for specified object fields`,
    },
    {
      name: 'a list without items',
      given: inSpec({ type: 'array' }),
      want: `${at}.properties[spec].items: Required value: must be specified`,
    },
    {
      name: 'a reference',
      given: inSpec({ type: 'object', $ref: '#/x' }),
      want: `${at}.properties[spec].$ref: Forbidden: must be undefined to be structural`,
    },
    {
      name: 'a type inside anyOf',
      given: inSpec({ type: 'string', anyOf: [{ type: 'string' }] }),
      want: `${at}.properties[spec].anyOf[0].type: Forbidden: must be undefined to be structural`,
    },
    {
      name: 'a field that only anyOf knows',
      given: inSpec({ type: 'object', anyOf: [{ properties: { b: { minLength: 1 } } }] }),
      want: `${at}.properties[spec].properties[b]: Required value: because it is defined in ${at}.properties[spec].anyOf[0].properties[b]`,
    },
    {
      name: 'a list map whose key may be absent',
      given: inSpec({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['n'],
        items: { type: 'object', properties: { n: { type: 'string' } } },
      }),
      want: `${at}.properties[spec].items.properties[n].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    },
    {
      name: 'a default with unknown fields',
      given: inSpec({ type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } }),
      want: `${at}.properties[spec].default: Invalid value: {"b":1}: must not have unknown fields`,
    },
    {
      name: 'a default out of range',
      given: inSpec({ type: 'integer', maximum: 3, default: 5 }),
      want: `${at}.properties[spec].default: Invalid value: 5: ${at}.properties[spec].default in body should be less than or equal to 3`,
    },
    {
      name: 'restricted metadata',
      given: {
        openAPIV3Schema: {
          type: 'object',
          properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
        },
      },
      want: `${at}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    },
    {
      name: 'a selectable list',
      given: { version: { selectableFields: [{ jsonPath: '.spec.b' }] } },
      want: 'spec.versions[0].selectableFields[0].jsonPath: Invalid value: ".spec.b": is an invalid path: it must lead to a string, integer or boolean field outside of lists',
    },
    {
      name: 'a column of no type',
      given: { version: { additionalPrinterColumns: [{ name: 'A', type: 'array', jsonPath: '.spec.a' }] } },
      want: 'spec.versions[0].additionalPrinterColumns[0].type: Unsupported value: "array": supported values: "integer", "number", "string", "boolean", "date"',
    },
  ];
  for (const { name, given, want } of cases) {
    it(`refuses ${name}`, () => assert.deepEqual(problems(given), [want]));
  }

  it('refuses a pattern that does not compile', () => {
    const [found] = problems(inSpec({ type: 'string', pattern: '(?=x)' }));
    assert.match(
      found ?? '',
      /\.pattern: Invalid value: "\(\?=x\)": must be a valid regular expression, but isn't: /u,
    );
  });

  it('refuses endless nesting', () => {
    let node: object = { type: 'string' };
    for (let depth = 0; depth < 200; depth += 1) node = { type: 'array', items: node };
    assert.match(problems(inSpec(node)).join(), /must not be nested deeper than 64/u);
  });

  it('keeps what addresses are made of', () => {
    assert.deepEqual(problems({ spec: { scope: 'Cluster' } }, {}), [
      'spec.scope: Invalid value: "Cluster": field is immutable',
    ]);
  });

  it('accepts an int-or-string in both ways of writing it', () => {
    const anyOf = [{ type: 'integer' }, { type: 'string' }];
    assert.deepEqual(problems(inSpec({ 'x-kubernetes-int-or-string': true, anyOf })), []);
    assert.deepEqual(problems(inSpec({ 'x-kubernetes-int-or-string': true })), []);
  });
});
