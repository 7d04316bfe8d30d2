import { CelCompileError } from './cel-error.ts';
import { CelUint } from './cel-value.ts';
import type { Literal } from './expression.ts';
import { unescapeText, unescapeBytes } from './unescape.ts';

export interface Token {
  readonly kind: 'end' | 'literal' | 'name' | 'quoted-name' | 'sign';
  /** The sign, the name, or the digits of a number. */
  readonly text: string;
  readonly offset: number;
  readonly value?: Literal;
}

const blank = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/uy;
const name = /[A-Za-z_][A-Za-z0-9_]*/uy;
const quotedName = /`[A-Za-z0-9_.\-/ ]+`/uy;
const number = /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?/uy;
const text =
  /([rR]?[bB]?|[bB][rR])("""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')/uy;
const rawText = /([rR][bB]?|[bB][rR])("""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\r\n]*"|'[^'\r\n]*')/uy;
const sign = /&&|\|\||==|!=|<=|>=|[-+*/%!<>()[\]{}.,:?]/uy;

const words: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(source)?.[0];
  };
  for (;;) {
    offset += match(blank)?.length ?? 0;
    if (offset >= source.length) break;
    const raw = match(rawText) ?? match(text);
    const digits = raw === undefined ? match(number) : undefined;
    const found = raw ?? digits ?? match(name) ?? match(quotedName) ?? match(sign);
    if (found === undefined) {
      const character = String.fromCodePoint(source.codePointAt(offset) ?? 0);
      throw new CelCompileError(source, [
        { offset, message: `Syntax error: token recognition error at: '${character}'` },
      ]);
    }
    tokens.push(
      buildToken(source, found, offset, { isText: raw !== undefined, isNumber: digits !== undefined }),
    );
    offset += found.length;
  }
  return [...tokens, { kind: 'end', text: '<EOF>', offset: source.length }];
}

function buildToken(
  source: string,
  found: string,
  offset: number,
  { isText, isNumber }: { readonly isText: boolean; readonly isNumber: boolean },
): Token {
  const refuse = (message: string): never => {
    throw new CelCompileError(source, [{ offset, message }]);
  };
  if (isText) return { kind: 'literal', text: found, offset, value: readText(found, refuse) };
  if (isNumber) return { kind: 'literal', text: found, offset, value: readNumber(found) };
  const word = words.get(found);
  if (word !== undefined) return { kind: 'literal', text: found, offset, value: word };
  if (found.startsWith('`')) return { kind: 'quoted-name', text: found.slice(1, -1), offset };
  return { kind: /^[A-Za-z_]/u.test(found) ? 'name' : 'sign', text: found, offset };
}

function readText(found: string, refuse: (message: string) => never): Literal {
  const [, prefix = '', quoted = ''] = /^([rRbB]*)([\s\S]*)$/u.exec(found) ?? [];
  const width = /^(?:"""|''')/u.test(quoted) ? 3 : 1;
  const inner = quoted.slice(width, -width).replaceAll('\r\n', '\n');
  const isRaw = /r/iu.test(prefix);
  try {
    if (/b/iu.test(prefix)) return isRaw ? new TextEncoder().encode(inner) : unescapeBytes(inner);
    return isRaw ? inner : unescapeText(inner);
  } catch (error) {
    return refuse(`Syntax error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whether it fits 64 bits is for the parser to say: only there a minus in front is known. */
function readNumber(found: string): Literal {
  if (/u$/iu.test(found)) return new CelUint(BigInt(found.slice(0, -1)));
  if (/^0x/iu.test(found)) return BigInt(found);
  return /[.eE]/u.test(found) ? Number(found) : BigInt(found);
}
