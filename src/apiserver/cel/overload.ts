import { type BasicName, type CelType, celTypes, listOf, mapOf, optionalOf } from './cel-type.ts';
import type { CelValue } from './cel-value.ts';

/** The types and the cost of a function are the same for the check, the estimate and the evaluation. */
export interface Overload {
  /** `size`, `cel.bind`, `_+_`; with a dot in front when it is called on its first argument. */
  readonly name: string;
  readonly args: readonly CelType[];
  readonly result: CelType;
  readonly run: (...args: never[]) => CelValue;
  /** Steps beyond the call itself, from the sizes of the arguments. */
  readonly cost: (sizes: readonly number[]) => number;
  /** How large the result can get; by default as large as the arguments together. */
  readonly size: (sizes: readonly number[]) => number;
}

export type OverloadOptions = Partial<Pick<Overload, 'cost' | 'size'>>;

/** The arguments have the types of the signature when `run` is called: that has been checked. */
export function overload(
  signature: string,
  run: (...args: never[]) => CelValue,
  { cost = noCost, size = sumOf }: OverloadOptions = {},
): Overload {
  return { ...parseSignature(signature), run, cost, size };
}

const smallResult = 32;
const noCost = (): number => 0;
export const sumOf = (sizes: readonly number[]): number =>
  Math.max(
    smallResult,
    sizes.reduce((sum, size) => sum + size, 0),
  );
/** Every character of every argument is looked at once; ten of them are one step. */
export const scanCost = (sizes: readonly number[]): number => Math.ceil(sumOf(sizes) * 0.1);
/** Every item of the first argument is looked at once. */
export const walkCost = ([size = 0]: readonly number[]): number => size;

const basicNames: Readonly<Record<string, CelType>> = { ...celTypes, null_type: celTypes.null };

/** `string.find(string, int): string`; a receiver before the dot, `ns::name` for a function in a namespace. */
function parseSignature(signature: string): Pick<Overload, 'args' | 'name' | 'result'> {
  const [, head = '', args = '', result = ''] = /^(.*?)\((.*)\): (.*)$/u.exec(signature) ?? [];
  const given = splitTypes(args).map(parseType);
  const dot = /^(.+)\.(\w+)$/u.exec(head);
  if (dot === null) return { name: head.replace('::', '.'), args: given, result: parseType(result) };
  const [, receiver = '', name = ''] = dot;
  return { name: `.${name}`, args: [parseType(receiver), ...given], result: parseType(result) };
}

function parseType(text: string): CelType {
  const [, outer = text, inner = ''] = /^(\w+)<(.*)>$/u.exec(text) ?? [];
  const [first = celTypes.dyn, second = celTypes.dyn] = inner === '' ? [] : splitTypes(inner).map(parseType);
  switch (outer) {
    case 'list':
      return listOf(first);
    case 'map':
      return mapOf(first, second);
    case 'optional':
      return optionalOf(first);
    case 'type':
      return { kind: 'type', of: first };
    default:
  }
  if (/^[A-Z]$/u.test(outer)) return { kind: 'variable', name: outer };
  const name = outer as BasicName | 'null'; // -- looked up, so that another name falls through.
  return Object.hasOwn(basicNames, name)
    ? (basicNames[name] ?? celTypes.dyn)
    : { kind: 'opaque', name: outer };
}

/** Splits at the commas that are not within a type's own brackets. */
function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, sign] of Array.from(text).entries()) {
    if (sign === '<') depth += 1;
    if (sign === '>') depth -= 1;
    if (sign !== ',' || depth > 0) continue;
    parts.push(text.slice(start, index).trim());
    start = index + 1;
  }
  const last = text.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}
