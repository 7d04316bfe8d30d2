import assert from 'node:assert/strict';
import {
  checkFieldSelector,
  matchesFields,
  parseFieldSelector,
  requiredValue,
} from '../../../../src/apiserver/selectors/field-selector.ts';

describe('apiserver/selectors/field-selector', () => {
  const parsed = [
    { text: '', want: [] },
    { text: 'a=b', want: [{ field: 'a', isEqual: true, value: 'b' }] },
    { text: 'a==b,', want: [{ field: 'a', isEqual: true, value: 'b' }] },
    { text: 'a!=b', want: [{ field: 'a', isEqual: false, value: 'b' }] },
    { text: 'a=', want: [{ field: 'a', isEqual: true, value: '' }] },
    {
      text: String.raw`a=x\,y\=z\\`,
      want: [{ field: 'a', isEqual: true, value: String.raw`x,y=z\ `.trim() }],
    },
  ];
  for (const { text, want } of parsed) {
    it(`reads "${text}"`, () => assert.deepEqual(parseFieldSelector(text), want));
  }

  const refusals = [
    { text: 'abc', want: "invalid selector: 'abc'; can't understand 'abc'" },
    { text: 'a=b=c', want: 'invalid field selector: unescaped character in value: 61' },
    { text: String.raw`a=\b`, want: String.raw`invalid field selector: invalid escape sequence: \b` },
  ];
  for (const { text, want } of refusals) {
    it(`refuses "${text}"`, () => assert.throws(() => parseFieldSelector(text), { message: want }));
  }

  it('compares the values of fields as text', () => {
    const values: Record<string, string> = { 'metadata.name': 'a', 'spec.n': '5' };
    const valueOf = (field: string): string => values[field] ?? '';
    const matches = (text: string): boolean => matchesFields(parseFieldSelector(text), valueOf);
    assert.deepEqual(['metadata.name=a', 'spec.n=5,metadata.name!=b', 'spec.n!=5', 'absent='].map(matches), [
      true,
      true,
      false,
      true,
    ]);
  });

  it('finds the name that a selector pins', () => {
    const selector = parseFieldSelector('status.phase!=x,metadata.name=web');
    assert.equal(requiredValue(selector, 'metadata.name'), 'web');
    assert.equal(requiredValue(selector, 'status.phase'), undefined);
  });

  it('refuses fields that a kind cannot be selected by', () => {
    const selector = parseFieldSelector('spec.image=x');
    checkFieldSelector(selector, { builtIn: false, selectableFields: ['spec.image'] });
    assert.throws(() => checkFieldSelector(selector, { builtIn: false, selectableFields: [] }), {
      message: 'field label not supported: spec.image',
    });
    assert.throws(() => checkFieldSelector(selector, { builtIn: true, selectableFields: [] }), {
      message: '"spec.image" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
  });
});
