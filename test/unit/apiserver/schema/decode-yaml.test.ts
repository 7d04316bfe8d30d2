import assert from 'node:assert/strict';
import { DecodeError } from '../../../../src/apiserver/schema/decode-error.ts';
import { decodeYaml } from '../../../../src/apiserver/schema/decode-yaml.ts';

/** Nine levels of nine aliases each: a third of a billion nodes from twenty lines. */
function aliasBomb(): string {
  const names = 'abcdefghi'.split('');
  const lines = names.map((name, index) => {
    const before = names[index - 1];
    const item = before === undefined ? 'lol' : `*${before}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => item).join(',')}]`;
  });
  return lines.join('\n');
}

describe('apiserver/schema/decode-yaml', () => {
  const cases = [
    { text: 'a: 1\nb: [x, true, null, 2024-01-01]', want: { a: 1, b: ['x', true, null, '2024-01-01'] } },
    { text: '{"a": 9007199254740993}', want: { a: 9_007_199_254_740_993n } },
    { text: '{a: b}', want: { a: 'b' } },
    { text: 'x: &x {a: 1}\ny:\n  <<: *x\n  b: 2', want: { x: { a: 1 }, y: { a: 1, b: 2 } } },
  ];
  for (const { text, want } of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(decodeYaml(text), want));
  }

  it('copies aliases, so that nobody edits two places at once', () => {
    const value = decodeYaml('a: &x {n: 1}\nb: *x') as { a: object; b: object };
    assert.notEqual(value.a, value.b);
  });

  const refused = [
    { name: 'an empty document', text: ' \n' },
    { name: 'two documents', text: 'a: 1\n---\nb: 1' },
    { name: 'a repeated key', text: 'a: 1\na: 2' },
    { name: 'a repeated key of JSON', text: '{"a": 1, "a": 2}' },
    { name: 'a prototype', text: '__proto__: {a: 1}' },
    { name: 'what JSON cannot say', text: 'a: .nan' },
    { name: 'broken text', text: 'a: [1' },
    { name: 'a cycle', text: 'a: &a [*a]' },
    { name: 'an alias bomb', text: aliasBomb() },
    { name: 'deep nesting', text: '['.repeat(100_000) },
  ];
  for (const { name, text } of refused) {
    it(`refuses ${name}`, () => assert.throws(() => decodeYaml(text), DecodeError));
  }
});
