import assert from 'node:assert/strict';
import { listPaths } from '../../../../src/apiserver/managed-fields/sets/field-set.ts';
import { formatPath } from '../../../../src/apiserver/managed-fields/sets/path-element.ts';
import { checkConfiguration } from '../../../../src/apiserver/managed-fields/typed/check-configuration.ts';
import { compareValues } from '../../../../src/apiserver/managed-fields/typed/compare-values.ts';
import { fieldSetOf } from '../../../../src/apiserver/managed-fields/typed/field-set-of.ts';
import { typeOf, typeOfObject } from '../../../../src/apiserver/managed-fields/typed/field-type.ts';
import { mergeValues } from '../../../../src/apiserver/managed-fields/typed/merge-values.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';

const text: OpenApiSchema = { type: 'string' };
const set: OpenApiSchema = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' };
const keyed: OpenApiSchema = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: { type: 'object', properties: { name: text, value: text } },
};
const blob: OpenApiSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const objects = (names: string): object[] => Array.from(names, (name) => ({ name }));

describe('apiserver/managed-fields/typed merge', () => {
  const lists = [
    { live: 'abc', applied: 'cxa', want: 'bcxa' },
    { live: 'ab', applied: 'ca', want: 'cab' },
    { live: 'ba', applied: 'ca', want: 'bca' },
    { live: '', applied: 'ab', want: 'ab' },
    { live: 'ab', applied: '', want: 'ab' },
    { live: 'abc', applied: 'b', want: 'abc' },
    { live: 'abcd', applied: 'dcba', want: 'dcba' },
    { live: 'axbyc', applied: 'ba', want: 'xbyca' },
  ];
  for (const { live, applied, want } of lists) {
    it(`orders [${live}] and applied [${applied}] as [${want}]`, () => {
      assert.deepEqual(mergeValues(Array.from(live), Array.from(applied), typeOf(set)), Array.from(want));
      assert.deepEqual(mergeValues(objects(live), objects(applied), typeOf(keyed)), objects(want));
    });
  }

  const cases = [
    { name: 'replaces an atomic list', schema: { type: 'array' }, live: [1, 2], applied: [3], want: [3] },
    {
      name: 'merges what no schema describes',
      schema: blob,
      live: { a: { b: 1 } },
      applied: { a: { c: 2 } },
      want: { a: { b: 1, c: 2 } },
    },
    {
      name: 'replaces a value of another shape',
      schema: blob,
      live: { a: { b: 1 } },
      applied: { a: 'x' },
      want: { a: 'x' },
    },
    {
      name: 'keeps a map that null is applied to',
      schema: blob,
      live: { a: { b: 1 } },
      applied: { a: null },
      want: { a: null },
    },
    { name: 'keeps a list that null is applied to', schema: set, live: ['a'], applied: null, want: ['a'] },
    {
      name: 'replaces every twin of an applied item',
      schema: keyed,
      live: [{ name: 'a', value: '1' }, { name: 'a', value: '2' }, { name: 'b' }],
      applied: [{ name: 'a', value: '3' }],
      want: [{ name: 'a', value: '3' }, { name: 'b' }],
    },
  ];
  for (const { name, schema, live, applied, want } of cases) {
    it(name, () => {
      assert.deepEqual(mergeValues(live, applied, typeOf(schema)), want);
    });
  }
});

describe('apiserver/managed-fields/typed comparison', () => {
  const cases = [
    {
      name: 'sees no order in a set',
      schema: set,
      before: ['a', 'b'],
      after: ['b', 'a'],
      want: ['', '', ''],
    },
    {
      name: 'sees items come and go',
      schema: set,
      before: ['a', 'b'],
      after: ['b', 'c'],
      want: ['[="c"]', '', '[="a"]'],
    },
    {
      name: 'sees a field of an item',
      schema: keyed,
      before: [{ name: 'a', value: '1' }],
      after: [{ name: 'a', value: '2' }],
      want: ['', '[name="a"].value', ''],
    },
    {
      name: 'tells an empty map from none',
      schema: blob,
      before: {},
      after: { a: {} },
      want: ['.a', '', ''],
    },
    {
      name: 'sees an object become a text',
      schema: blob,
      before: { a: { b: 1 } },
      after: { a: 'x' },
      want: ['', '.a', '.a.b'],
    },
    {
      name: 'takes twins for one field',
      schema: keyed,
      before: [{ name: 'a' }, { name: 'a' }],
      after: [{ name: 'a' }],
      want: ['', '[name="a"]', ''],
    },
  ];
  for (const { name, schema, before, after, want } of cases) {
    it(name, () => {
      const { added, changed, removed } = compareValues(before, after, typeOf(schema));
      const found = [added, changed, removed].map((paths) => listPaths(paths).map(formatPath).join(' '));
      assert.deepEqual(found, want);
    });
  }
});

describe('apiserver/managed-fields/typed claims', () => {
  it('completes the metadata of embedded resources', () => {
    const schema: OpenApiSchema = {
      type: 'object',
      properties: { template: { ...blob, 'x-kubernetes-embedded-resource': true } },
    };
    const template = { kind: 'X', metadata: { finalizers: ['a'], labels: { b: 'c' } }, free: [1] };
    const claimed = fieldSetOf({ template }, typeOfObject(schema));
    assert.deepEqual(listPaths(claimed).map(formatPath), [
      '.template.free',
      '.template.kind',
      '.template.metadata.finalizers[="a"]',
      '.template.metadata.labels.b',
    ]);
  });
});

describe('apiserver/managed-fields/typed check', () => {
  const schema: OpenApiSchema = {
    type: 'object',
    properties: { set, keyed, blob, list: { type: 'array', items: text }, text },
  };
  const cases = [
    { value: { set: ['a'], keyed: [{ name: 'a' }], blob: { x: [{}] }, list: ['a'], text: 'a' }, want: [] },
    {
      value: { nope: 1, keyed: [{ name: 'a', nope: 1 }] },
      want: ['.nope: field not declared in schema', '.keyed[name="a"].nope: field not declared in schema'],
    },
    { value: { set: ['a', 'a'] }, want: ['.set: duplicate entries for key [="a"]'] },
    {
      value: { keyed: [{}] },
      want: [
        '.keyed: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
      ],
    },
    { value: { keyed: ['a'] }, want: ['.keyed: element 0: expected map, got "a"'] },
    { value: { list: {} }, want: ['.list: expected list, got {}'] },
    { value: { blob: 'a' }, want: ['.blob: expected map, got "a"'] },
  ];
  for (const { value, want } of cases) {
    it(`says of ${JSON.stringify(value)}: ${want[0] ?? 'nothing'}`, () => {
      assert.deepEqual(checkConfiguration(value, typeOf(schema)), want);
    });
  }
});
