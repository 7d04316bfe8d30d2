import { isJsonObject } from '../schema/json-object.ts';

/** Evaluates to every value that the path leads to; none where it leads nowhere. */
export type JsonPath = (root: unknown) => readonly unknown[];

interface Step {
  (values: readonly unknown[]): readonly unknown[];
  /** Of a step that goes into one member of an object, and does nothing else. */
  readonly key?: string;
}

/**
 * Compiles the small JSONPath dialect of printer columns: `.a.b`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `.*` and
 * `[?(@.type=="Ready")]`, with or without braces around. Throws a SyntaxError that names the path.
 */
export function compileJsonPath(path: string): JsonPath {
  const steps = parseSteps(path);
  const keys = steps.flatMap(({ key }) => (key === undefined ? [] : [key]));
  // Nearly all columns are that simple, and a table has thousands of cells.
  if (keys.length === steps.length) return (root) => followKeys(root, keys);
  return (root) => steps.reduce<readonly unknown[]>((values, step) => step(values), [root]);
}

const wildcardPattern = /^(?:\.\*|\[\*\])/u;
const fieldPattern = /^\.((?:[^.[\]'"(){}\s\\]|\\.)+)/u;
const quotedPattern = /^\[\s*(?:'([^']*)'|"([^"]*)")\s*\]/u;
const indexPattern = /^\[\s*(-?\d{1,9})\s*\]/u;
const slicePattern = /^\[\s*(-?\d{1,9})?\s*:\s*(-?\d{1,9})?\s*\]/u;
const filterPattern = /^\[\?\(\s*@(\.[^=!<>\s]+)?\s*(?:(==|!=)\s*('[^']*'|"[^"]*"|[^\s'")]+)\s*)?\)\]/u;

function parseSteps(path: string): Step[] {
  let rest = stripFrame(path.trim());
  const steps: Step[] = [];
  while (rest !== '') {
    const parsed = parseStep(rest);
    if (parsed === undefined) throw new SyntaxError(`the JSONPath "${path}" is not understood at "${rest}"`);
    steps.push(parsed.step);
    rest = rest.slice(parsed.length);
  }
  return steps;
}

/** `{.a}`, `$.a` and `a` all mean `.a`. */
function stripFrame(path: string): string {
  const bare = path.startsWith('{') && path.endsWith('}') ? path.slice(1, -1).trim() : path;
  const rooted = bare.startsWith('$') ? bare.slice(1) : bare;
  if (rooted === '.') return '';
  return rooted === '' || /^[.[]/u.test(rooted) ? rooted : `.${rooted}`;
}

interface ParsedStep {
  readonly step: Step;
  readonly length: number;
}

const parsers: readonly (readonly [RegExp, (match: RegExpExecArray) => Step])[] = [
  [wildcardPattern, () => (values) => values.flatMap(membersOf)],
  [fieldPattern, (match) => stepInto((match[1] ?? '').replaceAll(/\\(.)/gu, '$1'))],
  [quotedPattern, (match) => stepInto(match[1] ?? match[2] ?? '')],
  [indexPattern, (match) => pickIndex(Number(match[1]))],
  [slicePattern, (match) => pickSlice(match[1], match[2])],
  [filterPattern, (match) => pickMatching(match[1] ?? '', match[2], match[3])],
];

function parseStep(rest: string): ParsedStep | undefined {
  for (const [pattern, build] of parsers) {
    const match = pattern.exec(rest);
    if (match !== null) return { step: build(match), length: match[0].length };
  }
  return undefined;
}

function stepInto(key: string): Step {
  const step = (values: readonly unknown[]): readonly unknown[] =>
    values.flatMap((value) => followKeys(value, [key]));
  return Object.assign(step, { key });
}

const nothing: readonly unknown[] = [];

function followKeys(root: unknown, keys: readonly string[]): readonly unknown[] {
  let value = root;
  for (const key of keys) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return nothing;
    value = value[key];
  }
  return [value];
}

function pickIndex(index: number): Step {
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [];
      const position = index < 0 ? value.length + index : index;
      return position >= 0 && position < value.length ? [value[position] as unknown] : [];
    });
}

function pickSlice(start: string | undefined, end: string | undefined): Step {
  const [from, to] = [start, end].map((bound) => (bound === undefined ? undefined : Number(bound)));
  return (values) =>
    values.flatMap((value): unknown[] => (Array.isArray(value) ? value.slice(from, to) : []));
}

function pickMatching(path: string, operator: string | undefined, literal: string | undefined): Step {
  const inner = compileJsonPath(path);
  const wanted = literal === undefined ? undefined : parseLiteral(literal);
  const isWanted = (item: unknown): boolean => {
    const [found] = inner(item);
    if (operator === undefined) return found !== undefined;
    return found !== undefined && (found === wanted) === (operator === '==');
  };
  return (values) => values.flatMap(membersOf).filter(isWanted);
}

function parseLiteral(literal: string): unknown {
  if (/^['"]/u.test(literal)) return literal.slice(1, -1);
  if (literal === 'true' || literal === 'false') return literal === 'true';
  const number = Number(literal);
  return Number.isNaN(number) ? literal : number;
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}
