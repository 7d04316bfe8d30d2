import { CelEvaluationError } from '../cel-error.ts';
import type { CelValue } from '../cel-value.ts';
import { type Overload, overload, scanCost, sumOf } from '../overload.ts';
import { formatText } from './format-text.ts';

const scan = { cost: scanCost };
const firstSize = { cost: scanCost, size: ([size = 0]: readonly number[]): number => size };
/** Each position of the first text may start the second one. */
const search = {
  cost: ([text = 0, part = 0]: readonly number[]): number =>
    Math.ceil(text * 0.1) * Math.max(1, Math.ceil(part * 0.1)),
  size: firstSize.size,
};
const replaced = {
  cost: scanCost,
  size: ([text = 0, , by = 0]: readonly number[]): number => text * Math.max(1, by),
};

export const stringOverloads: readonly Overload[] = [
  overload('string.contains(string): bool', (text: string, part: string) => text.includes(part), search),
  overload('string.startsWith(string): bool', (text: string, part: string) => text.startsWith(part), scan),
  overload('string.endsWith(string): bool', (text: string, part: string) => text.endsWith(part), scan),
  overload('string.charAt(int): string', charAt, firstSize),
  overload('string.indexOf(string): int', (text: string, part: string) => indexOf(text, part, 0n), search),
  overload('string.indexOf(string, int): int', indexOf, search),
  overload(
    'string.lastIndexOf(string): int',
    (text: string, part: string) => lastIndexOf(text, part),
    search,
  ),
  overload('string.lastIndexOf(string, int): int', lastIndexOf, search),
  overload(
    'string.lowerAscii(): string',
    (text: string) => text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase()),
    firstSize,
  ),
  overload(
    'string.upperAscii(): string',
    (text: string) => text.replaceAll(/[a-z]/gu, (letter) => letter.toUpperCase()),
    firstSize,
  ),
  overload('string.trim(): string', (text: string) => text.replaceAll(blanks, ''), firstSize),
  overload('string.reverse(): string', (text: string) => Array.from(text).toReversed().join(''), firstSize),
  overload(
    'string.replace(string, string): string',
    (text: string, part: string, by: string) => replace(text, part, by),
    replaced,
  ),
  overload('string.replace(string, string, int): string', replace, replaced),
  overload(
    'string.split(string): list<string>',
    (text: string, separator: string) => split(text, separator),
    firstSize,
  ),
  overload('string.split(string, int): list<string>', split, firstSize),
  overload(
    'string.substring(int): string',
    (text: string, start: bigint) => substring(text, start),
    firstSize,
  ),
  overload('string.substring(int, int): string', substring, firstSize),
  overload('list<string>.join(): string', (parts: readonly string[]) => parts.join(''), scan),
  overload(
    'list<string>.join(string): string',
    (parts: readonly string[], separator: string) => parts.join(separator),
    {
      cost: scanCost,
      size: ([count = 0, separator = 0]) => count * (separator + 100),
    },
  ),
  overload(
    'string.format(list<dyn>): string',
    (pattern: string, values: readonly CelValue[]) => formatText(pattern, values),
    {
      cost: scanCost,
      size: (sizes) => sumOf(sizes) * 10,
    },
  ),
  overload('strings::quote(string): string', quote, firstSize),
];

/** White space as Unicode has it; JavaScript's \s takes the byte order mark for white space as well. */
const blanks = /^[\p{White_Space}]+|[\p{White_Space}]+$/gu;

/** Positions count characters. */
function charAt(text: string, index: bigint): string {
  const characters = Array.from(text);
  if (index === BigInt(characters.length)) return '';
  return characters[checkIndex(index, characters.length)] ?? '';
}

function indexOf(text: string, part: string, start: bigint): bigint {
  const characters = Array.from(text);
  const from = checkIndex(start, characters.length);
  const rest = characters.slice(from).join('');
  const found = rest.indexOf(part);
  return found < 0 ? -1n : BigInt(from + Array.from(rest.slice(0, found)).length);
}

function lastIndexOf(text: string, part: string, start?: bigint): bigint {
  const characters = Array.from(text);
  const until = start === undefined ? characters.length : checkIndex(start, characters.length);
  const head = characters.slice(0, until + Array.from(part).length).join('');
  const found = head.lastIndexOf(part);
  return found < 0 ? -1n : BigInt(Array.from(head.slice(0, found)).length);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const characters = Array.from(text);
  const from = checkIndex(start, characters.length);
  const to = end === undefined ? characters.length : checkIndex(end, characters.length);
  if (from > to) throw new CelEvaluationError(`invalid substring range. start: ${from}, end: ${to}`);
  return characters.slice(from, to).join('');
}

function checkIndex(index: bigint, length: number): number {
  if (index < 0n || index > BigInt(length)) throw new CelEvaluationError(`index out of range: ${index}`);
  return Number(index);
}

function replace(text: string, part: string, by: string, limit = -1n): string {
  if (limit < 0n) return text.replaceAll(part, () => by);
  const pieces = part === '' ? Array.from(text) : text.split(part);
  const count = Math.min(Number(limit), pieces.length - (part === '' ? 0 : 1));
  if (part === '') return pieces.map((piece, index) => (index < count ? by + piece : piece)).join('');
  return [pieces.slice(0, count + 1).join(by), ...pieces.slice(count + 1)].join(part);
}

function split(text: string, separator: string, limit = -1n): string[] {
  if (limit === 0n) return [];
  const pieces = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0n || pieces.length <= Number(limit)) return pieces;
  const kept = pieces.slice(0, Number(limit) - 1);
  return [...kept, pieces.slice(Number(limit) - 1).join(separator)];
}

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.replaceAll(/[\u0007\b\f\n\r\t\v\\"]/gu, (sign) => escapes[sign] ?? sign)}"`;
}
