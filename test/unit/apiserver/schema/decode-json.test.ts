import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeJson, decodeStoredJson } from '../../../../src/apiserver/schema/decode-json.ts';
import { DecodeError } from '../../../../src/apiserver/schema/decode-error.ts';
import { encodeJson } from '../../../../src/apiserver/schema/encode-json.ts';

describe('apiserver/schema/decode-json', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        if (text.includes('__proto__')) return;
        const want: unknown = JSON.parse(text);
        // Large integers are kept exactly, and compared as text.
        assert.deepEqual(JSON.parse(encodeJson(decodeJson(text).value)), want);
      }),
    );
  });

  it('reads blanks and escapes', () => {
    const text = ' { "a" : [ 1 , -2.50e1 , true , null ] , "b\\u0041\\n\\ud83d\\ude00" : "\\/\\"" } ';
    assert.deepEqual(decodeJson(text).value, { a: [1, -25, true, null], 'bA\n\u{1f600}': '/"' });
  });

  it('notes repeated keys and lets the last one count', () => {
    const { value, duplicateFields } = decodeJson('{"a":1,"b":[{"c":1,"c":2}],"a":3}');
    assert.deepEqual([value, duplicateFields], [{ a: 3, b: [{ c: 2 }] }, ['b[0].c', 'a']]);
  });

  it('keeps integers of 64 bits, there and back', () => {
    const text = '{"a":9007199254740993,"b":-9223372036854775808,"c":9223372036854775807,"d":[1]}';
    assert.equal(encodeJson(decodeJson(text).value), text);
    assert.equal(encodeJson(decodeStoredJson(text)), text);
    assert.equal(decodeJson('92233720368547758070').value, 92_233_720_368_547_760_000);
  });

  const broken = [
    { text: '', want: 'json parse error: unexpected end of JSON input' },
    { text: '{"a":1', want: 'json parse error: unexpected end of JSON input' },
    { text: '{"a" 1}', want: 'json parse error: invalid character "1" after object key' },
    {
      text: '{"a":1,}',
      want: 'json parse error: invalid character "}" looking for beginning of object key string',
    },
    { text: '[1 2]', want: 'json parse error: invalid character "2" after array element' },
    { text: '[01]', want: 'json parse error: invalid character "1" after array element' },
    { text: 'nul', want: 'json parse error: invalid character "n" looking for beginning of value' },
    { text: '{} x', want: 'json parse error: invalid character "x" after top-level value' },
    { text: '"a\nb"', want: String.raw`json parse error: invalid character "\n" in string literal` },
    {
      text: String.raw`"\x"`,
      want: String.raw`json parse error: invalid character "\\" in string escape code`,
    },
    { text: '1e999', want: 'json parse error: the number 1e999 is out of range' },
    { text: '{"a":{"__proto__":{"x":1}}}', want: 'json parse error: the key a.__proto__ is not allowed' },
    { text: '['.repeat(100_000), want: 'json parse error: exceeded max depth of 1000' },
    { text: '{"a":'.repeat(100_000), want: 'json parse error: exceeded max depth of 1000' },
  ];
  for (const { text, want } of broken) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => decodeJson(text), { name: 'DecodeError', message: want });
    });
  }

  it('refuses bytes that are no text', () => {
    assert.throws(() => decodeJson(Uint8Array.of(0x22, 0xff, 0x22)), DecodeError);
  });
});
