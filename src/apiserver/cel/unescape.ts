const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
};
const escape =
  /\\(?:([abfnrtv\\?"'`])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]?))/gu;

/** In a text, `\x41` and `\101` are code points. */
export function unescapeText(inner: string): string {
  return inner.replaceAll(escape, (whole: string, ...groups: (string | undefined)[]) => {
    const { character, code } = readEscape(whole, groups);
    return character ?? String.fromCodePoint(checkCode(code, whole));
  });
}

/** In bytes, `\x41` and `\101` are one byte each, and everything else is UTF-8. */
export function unescapeBytes(inner: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const match of inner.matchAll(escape)) {
    const [whole, ...groups] = match;
    const { character, code } = readEscape(whole, groups);
    if (whole.startsWith('\\u') || whole.startsWith('\\U')) {
      throw new Error(`${whole} is not allowed in bytes`);
    }
    parts.push(Buffer.from(inner.slice(end, match.index)));
    parts.push(character === undefined ? Uint8Array.of(code) : Buffer.from(character));
    end = match.index + whole.length;
  }
  return new Uint8Array(Buffer.concat([...parts, Buffer.from(inner.slice(end))]));
}

function readEscape(
  whole: string,
  [letter, x, upperX, u, upperU, octal]: readonly (string | undefined)[],
): { readonly character: string | undefined; readonly code: number } {
  if (letter !== undefined) return { character: simple[letter] ?? letter, code: 0 };
  const hex = x ?? upperX ?? u ?? upperU;
  if (hex !== undefined) return { character: undefined, code: Number.parseInt(hex, 16) };
  if (octal !== undefined) return { character: undefined, code: Number.parseInt(octal, 8) };
  throw new Error(`unknown escape ${whole}`);
}

function checkCode(code: number, whole: string): number {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new Error(`${whole} is no code point`);
  return code;
}
