import { RE2JS } from 're2js';
import { CelEvaluationError } from '../cel-error.ts';
import { type Overload, overload } from '../overload.ts';

/** The text is walked once for every state of the pattern. */
const matchCost = ([text = 0, pattern = 0]: readonly number[]): number =>
  Math.ceil((text + 1) * 0.1) * Math.max(1, Math.ceil(pattern * 0.25));
const options = { cost: matchCost };
const firstOnly = { cost: matchCost, size: ([text = 0]: readonly number[]): number => text };

export const regexOverloads: readonly Overload[] = [
  overload('matches(string, string): bool', isMatch, options),
  overload('string.matches(string): bool', isMatch, options),
  overload(
    'string.find(string): string',
    (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? '',
    firstOnly,
  ),
  overload(
    'string.findAll(string): list<string>',
    (text: string, pattern: string) => findAll(text, pattern),
    firstOnly,
  ),
  overload(
    'string.findAll(string, int): list<string>',
    (text: string, pattern: string, limit: bigint) =>
      findAll(text, pattern, limit < 0n ? undefined : Number(limit)),
    firstOnly,
  ),
];

function isMatch(text: string, pattern: string): boolean {
  return compilePattern(pattern).matcher(text).find();
}

function findAll(text: string, pattern: string, limit = Number.POSITIVE_INFINITY): string[] {
  const matcher = compilePattern(pattern).matcher(text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

const compiled = new Map<string, RE2JS>();
const maxCompiled = 256;

/** RE2: linear time, whatever the pattern. Rules ask for the same few again and again. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  try {
    const fresh = RE2JS.compile(pattern);
    if (compiled.size >= maxCompiled) compiled.clear();
    compiled.set(pattern, fresh);
    return fresh;
  } catch (error) {
    throw new CelEvaluationError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
