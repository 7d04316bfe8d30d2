import assert from 'node:assert/strict';
import {
  validateObjectMeta,
  validateObjectMetaUpdate,
  warnAboutFinalizers,
} from '../../../../src/apiserver/schema/object-meta.ts';

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
  "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  String.raw`'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
const owner = { apiVersion: 'v1', kind: 'K', name: 'o', uid: 'u' };

describe('apiserver/schema/object-meta', () => {
  const cases = [
    { name: 'a plain name', given: { name: 'web.1' }, want: [] },
    { name: 'capitals', given: { name: 'Web' }, want: [`metadata.name: Invalid value: "Web": ${subdomain}`] },
    {
      name: 'a long name',
      given: { name: 'a'.repeat(300) },
      want: [/^metadata.name: .*must be no more than 253 bytes$/u],
    },
    { name: 'no name', given: {}, want: ['metadata.name: Required value: name or generateName is required'] },
    { name: 'a prefix that ends in a dash', given: { name: 'a-x', generateName: 'a-' }, want: [] },
    {
      name: 'a wrong prefix',
      given: { name: 'a', generateName: '-a' },
      want: [/^metadata.generateName: Invalid value: "-a"/u],
    },
    {
      name: 'a wrong label key',
      given: { name: 'a', labels: { '-x': 'y' } },
      want: [/^metadata.labels: Invalid value: "-x": name part must/u],
    },
    {
      name: 'a wrong label prefix',
      given: { name: 'a', labels: { 'A/x': 'y' } },
      want: [/^metadata.labels: Invalid value: "A\/x": prefix part a lowercase/u],
    },
    {
      name: 'two slashes',
      given: { name: 'a', labels: { 'a/b/c': 'y' } },
      want: [/a qualified name must consist of .*'example.com\/MyName'\)$/u],
    },
    {
      name: 'a wrong label value',
      given: { name: 'a', labels: { x: 'y z' } },
      want: [/^metadata.labels: Invalid value: "y z": a valid label must be/u],
    },
    {
      name: 'annotations with capitals',
      given: { name: 'a', annotations: { 'Example.com/x': 'any thing' } },
      want: [],
    },
    {
      name: 'huge annotations',
      given: { name: 'a', annotations: { x: 'y'.repeat(262_144) } },
      want: ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    },
    {
      name: 'a wrong finalizer',
      given: { name: 'a', finalizers: ['a b'] },
      want: [/^metadata.finalizers: Invalid value: "a b"/u],
    },
    { name: 'a good owner', given: { name: 'a', ownerReferences: [owner] }, want: [] },
    {
      name: 'an owner without uid',
      given: { name: 'a', ownerReferences: [{ ...owner, uid: '' }] },
      want: ['metadata.ownerReferences[0].uid: Invalid value: "": must not be empty'],
    },
    {
      name: 'two controllers',
      given: {
        name: 'a',
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'p', controller: true },
        ],
      },
      want: [/Found "true" in references for o and p$/u],
    },
    {
      name: 'a namespace',
      given: { name: 'a', namespace: 'x' },
      want: ['metadata.namespace: Forbidden: not allowed on this type'],
    },
  ];
  for (const { name, given, want } of cases) {
    it(`${want.length === 0 ? 'accepts' : 'refuses'} ${name}`, () => {
      const found = validateObjectMeta(given, { nameRule: 'subdomain', namespaced: false }).map(
        ({ field, message }) => `${String(field)}: ${message}`,
      );
      assert.equal(found.length, want.length, found.join('\n'));
      for (const [index, wanted] of want.entries()) {
        if (typeof wanted === 'string') assert.equal(found[index], wanted);
        else assert.match(found[index] ?? '', wanted);
      }
    });
  }

  it('holds names to the rule of their kind', () => {
    const isGood = (nameRule: 'label' | 'path-segment', name: string): boolean =>
      validateObjectMeta({ name }, { nameRule, namespaced: false }).length === 0;
    assert.deepEqual(
      [
        isGood('label', 'a.b'),
        isGood('label', 'a-b'),
        isGood('path-segment', 'system:Admin'),
        isGood('path-segment', 'a/b'),
      ],
      [false, true, true, false],
    );
  });

  it('lets no finalizer in once an object is being deleted, and no identity change', () => {
    const stored = { name: 'a', uid: '1', finalizers: ['x/y'], deletionTimestamp: '2024-01-01T00:00:00Z' };
    const found = validateObjectMetaUpdate({ ...stored, uid: '2', finalizers: ['x/y', 'x/z'] }, stored);
    assert.deepEqual(
      found.map(({ field, message }) => [field, message]),
      [
        ['metadata.uid', 'Invalid value: "2": field is immutable'],
        [
          'metadata.finalizers',
          'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/z"}',
        ],
      ],
    );
    assert.deepEqual(validateObjectMetaUpdate({ ...stored, finalizers: [] }, stored), []);
  });

  it('warns about finalizers without a domain', () => {
    assert.equal(warnAboutFinalizers({ finalizers: ['foo', 'a.b/c', 'orphan'] }).length, 1);
  });
});
