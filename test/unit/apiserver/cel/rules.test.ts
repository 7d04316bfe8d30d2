import assert from 'node:assert/strict';
import { compileKindSchema } from '../../../../src/apiserver/schema/kind-schema.ts';
import type { JsonObject } from '../../../../src/apiserver/schema/json-object.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';
import { buildKind } from '../../../support/build-kind.ts';

type Properties = Readonly<Record<string, OpenApiSchema>>;

const metadata = { name: 'a', namespace: 'default' };
const rule = (text: string, more: object = {}): OpenApiSchema => ({
  'x-kubernetes-validations': [{ rule: text, ...more }],
});
const text: OpenApiSchema = { type: 'string' };
const integer: OpenApiSchema = { type: 'integer' };

/** What is wrong with a spec under a schema that has a rule at `spec`. */
function check(properties: Properties, rules: OpenApiSchema, spec: JsonObject, old?: JsonObject): string[] {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties, ...rules } } };
  const kind = compileKindSchema(buildKind({ schema }));
  const build = (content: JsonObject): JsonObject => ({
    apiVersion: 'x.io/v1',
    kind: 'Foo',
    metadata,
    spec: content,
  });
  return kind
    .validate(build(spec), old === undefined ? undefined : build(old))
    .map(({ field, message }) => `${field ?? ''}: ${message}`);
}

const limits: Properties = { min: integer, max: integer };

describe('apiserver/cel/rules', () => {
  it('says which rule is broken, and where', () => {
    const ordered = rule('self.min <= self.max');
    assert.deepEqual(check(limits, ordered, { min: 1, max: 2 }), []);
    assert.deepEqual(check(limits, ordered, { min: 3, max: 2 }), [
      'spec: Invalid value: "object": failed rule: self.min <= self.max',
    ]);
  });

  const wordings = [
    { name: 'its message', more: { message: 'min first' }, want: 'spec: Invalid value: "object": min first' },
    {
      name: 'a message of its own making',
      more: { messageExpression: '"%d is above %d".format([self.min, self.max])', message: 'unused' },
      want: 'spec: Invalid value: "object": 3 is above 2',
    },
    {
      name: 'the fixed message when the other one cannot be made',
      more: { messageExpression: '"x" + string(1 / (self.max - 2))', message: 'fixed' },
      want: 'spec: Invalid value: "object": fixed',
    },
    {
      name: 'another field and reason',
      more: { message: 'no', fieldPath: '.min', reason: 'FieldValueForbidden' },
      want: 'spec.min: Forbidden: no',
    },
    {
      name: 'that something is needed',
      more: { message: 'no', reason: 'FieldValueRequired' },
      want: 'spec: Required value: no',
    },
  ];
  for (const { name, more, want } of wordings) {
    it(`reports ${name}`, () => {
      assert.deepEqual(check(limits, rule('self.min <= self.max', more), { min: 3, max: 2 }), [want]);
    });
  }

  it('takes a failed evaluation for a broken rule', () => {
    assert.deepEqual(check(limits, rule('self.min > 0', { message: 'positive' }), {}), [
      'spec: Invalid value: "object": no such key: min evaluating rule: positive',
    ]);
    assert.deepEqual(check(limits, rule('!has(self.min) || self.min > 0'), {}), []);
  });

  const values: { name: string; properties: Properties; rules: string; spec: JsonObject }[] = [
    {
      name: 'integers',
      properties: limits,
      rules: 'self.min + 1 == 4 && self.min / 2 == 1',
      spec: { min: 3 },
    },
    {
      name: 'numbers',
      properties: { n: { type: 'number' } },
      rules: 'self.n * 2.0 == 3.0',
      spec: { n: 1.5 },
    },
    {
      name: 'whole numbers as doubles',
      properties: { n: { type: 'number' } },
      rules: 'self.n / 2.0 == 1.5',
      spec: { n: 3 },
    },
    {
      name: 'integers or texts',
      properties: { p: { 'x-kubernetes-int-or-string': true } },
      rules: "type(self.p) == string ? self.p == '80%' : self.p > 10",
      spec: { p: 11 },
    },
    {
      name: 'null as absent',
      properties: { a: { ...text, nullable: true } },
      rules: '!has(self.a)',
      spec: { a: null },
    },
    {
      name: 'names that CEL has no form for',
      properties: { 'a-b.c/d__e': text, in: text },
      rules: "self.a__dash__b__dot__c__slash__d__underscores__e == 'x' && self.__in__ == 'y'",
      spec: { 'a-b.c/d__e': 'x', in: 'y' },
    },
    {
      name: 'maps',
      properties: { labels: { type: 'object', additionalProperties: text } },
      rules: "self.labels.all(k, k.startsWith('x') && self.labels[k].size() == 1) && 'xa' in self.labels",
      spec: { labels: { xa: '1' } },
    },
    {
      name: 'times, durations and bytes',
      properties: {
        t: { type: 'string', format: 'date-time' },
        d: { type: 'string', format: 'duration' },
        b: { type: 'string', format: 'byte' },
      },
      rules: "self.t.getFullYear() == 2024 && self.d < duration('1h') && self.b == b'abc'",
      spec: { t: '2024-02-03T04:05:06Z', d: '90s', b: 'YWJj' },
    },
    {
      name: 'quantities',
      properties: { memory: text },
      rules:
        "quantity(self.memory).isGreaterThan(quantity('1Gi')) && quantity('1500m').add(quantity('0.5')).asInteger() == 2",
      spec: { memory: '1.5Gi' },
    },
    {
      name: 'addresses',
      properties: { ip: text, net: text },
      rules:
        "cidr(self.net).containsIP(self.ip) && ip(self.ip).family() == 4 && isIP('fe80::1') && !isIP('1.2.3') && " +
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
      spec: { ip: '10.1.2.3', net: '10.0.0.0/8' },
    },
    {
      name: 'URLs and formats',
      properties: { url: text, name: text },
      rules:
        "url(self.url).getHostname() == 'example.com' && url(self.url).getQuery()['a'] == ['1'] && " +
        '!format.dns1123Label().validate(self.name).hasValue()',
      spec: { url: 'https://example.com:8443/x?a=1', name: 'web' },
    },
    {
      name: 'lists, sets and patterns',
      properties: { l: { type: 'array', items: text } },
      rules:
        "self.l.isSorted() && self.l.indexOf('b') == 1 && sets.contains(self.l, ['a']) && " +
        "self.l.join('-').find('[b-c]+') == 'b' && self.l.map(x, x + '!').exists_one(x, x == 'a!') && self.l.max() == 'c'",
      spec: { l: ['a', 'b', 'c'] },
    },
    {
      name: 'optional fields',
      properties: { a: { type: 'object', properties: { b: text } } },
      rules: "self.?a.?b.orValue('none') == 'none' && !self.a.?b.hasValue()",
      spec: { a: {} },
    },
    {
      name: 'sets without order',
      properties: {
        s: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
        t: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      },
      rules: 'self.s == self.t && (self.s + self.t).size() == 2',
      spec: { s: ['a', 'b'], t: ['b', 'a'] },
    },
  ];
  for (const { name, properties, rules, spec } of values) {
    it(`reads ${name}`, () => {
      assert.deepEqual(check(properties, rule(rules), spec), []);
    });
  }

  it('sees at the root the name, and nothing else of metadata', () => {
    const validate = (text: string): string[] =>
      compileKindSchema(buildKind({ schema: { type: 'object', ...rule(text) } }))
        .validate({ apiVersion: 'x.io/v1', kind: 'Foo', metadata }, undefined)
        .map(({ field, message }) => `${field ?? ''}: ${message}`);
    assert.deepEqual(validate("self.metadata.name == 'a' && self.kind == 'Foo'"), []);
    assert.deepEqual(validate("self.metadata.name == 'b'"), [
      `<nil>: Invalid value: "object": failed rule: self.metadata.name == 'b'`,
    ]);
    assert.match(validate("self.metadata.namespace == 'b'").join(), /undefined field 'namespace'/u);
  });

  it('looks into lists and maps, and names the place', () => {
    const positive = { ...integer, ...rule('self > 0', { message: 'positive' }) };
    const properties = {
      list: { type: 'array', items: positive },
      map: { type: 'object', additionalProperties: positive },
    };
    assert.deepEqual(check(properties, {}, { list: [1, 0], map: { a: 1, b: -1 } }), [
      'spec.list[1]: Invalid value: "integer": positive',
      'spec.map[b]: Invalid value: "integer": positive',
    ]);
  });

  it('does not run on what the schema has refused', () => {
    assert.deepEqual(check(limits, rule('self.min > 0'), { min: 'x' }), [
      'spec.min: Invalid value: "string": spec.min in body must be of type integer: "string"',
    ]);
  });

  describe('with the value before', () => {
    const fixed = rule('self.image == oldSelf.image', { message: 'image is fixed', fieldPath: '.image' });

    it('compares on updates only', () => {
      const properties = { image: text, note: text };
      assert.deepEqual(check(properties, fixed, { image: 'a' }), []);
      assert.deepEqual(check(properties, fixed, { image: 'a', note: 'x' }, { image: 'a' }), []);
      assert.deepEqual(check(properties, fixed, { image: 'b' }, { image: 'a' }), [
        'spec.image: Invalid value: "object": image is fixed',
      ]);
    });

    it('finds the item of a list by its keys, and the entry of a map by its key', () => {
      const size = { ...integer, ...rule('self >= oldSelf', { message: 'only grows' }) };
      const properties: Properties = {
        disks: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: text, size } },
        },
        sizes: { type: 'object', additionalProperties: size },
      };
      const old = {
        disks: [
          { name: 'a', size: 5 },
          { name: 'b', size: 1 },
        ],
        sizes: { x: 2 },
      };
      const moved = {
        disks: [
          { name: 'c', size: 0 },
          { name: 'b', size: 1 },
          { name: 'a', size: 4 },
        ],
        sizes: { x: 1, y: 0 },
      };
      assert.deepEqual(check(properties, {}, moved, old), [
        'spec.disks[2].size: Invalid value: "integer": only grows',
        'spec.sizes[x]: Invalid value: "integer": only grows',
      ]);
    });

    it('runs without one where the rule allows for it', () => {
      const once = rule('!oldSelf.hasValue() || oldSelf.value().image == self.image', {
        optionalOldSelf: true,
      });
      assert.deepEqual(check({ image: text }, once, { image: 'a' }), []);
      assert.equal(check({ image: text }, once, { image: 'b' }, { image: 'a' }).length, 1);
      const creation = rule("oldSelf.hasValue() || self.image == 'a'", { optionalOldSelf: true });
      assert.equal(check({ image: text }, creation, { image: 'b' }).length, 1);
    });

    it('lets through what was wrong before and is unchanged', () => {
      const properties = {
        inner: { type: 'object', properties: limits, ...rule('self.min > 0') },
        note: text,
      };
      const broken = { inner: { min: 0 } };
      assert.deepEqual(check(properties, {}, { ...broken, note: 'x' }, broken), []);
      assert.equal(check(properties, {}, { inner: { min: -1 } }, broken).length, 1);
    });
  });

  it('ends a rule that takes too long, and says so', () => {
    const properties = { l: { type: 'array', items: integer } };
    const spec = { l: Array.from({ length: 300 }, (_item, index) => index) };
    const [problem, ...more] = check(
      properties,
      rule('self.l.all(a, self.l.all(b, self.l.all(c, a + b + c >= 0)))'),
      spec,
    );
    assert.match(
      problem ?? '',
      /^spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded'/u,
    );
    assert.deepEqual(more, []);
  });

  it('matches patterns in linear time', () => {
    assert.equal(
      check({ t: text }, rule("self.t.matches('^(a+)+$')"), { t: `${'a'.repeat(5000)}!` }).length,
      1,
    );
  });
});
