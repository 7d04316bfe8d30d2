import { apiError } from '../../api/api-error.ts';
import { checkLabelValue, checkQualifiedName } from '../schema/name-syntax.ts';
import { scanLabelSelector, type Token, type TokenKind } from './label-lexer.ts';

type Operator = '!' | '!=' | '=' | 'exists' | 'gt' | 'in' | 'lt' | 'notin';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** All requirements must hold; none holds for everything. */
export type LabelSelector = readonly LabelRequirement[];

type Labels = Readonly<Record<string, string>>;

const binaryOperators: Partial<Record<string, Operator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
  in: 'in',
  notin: 'notin',
};
const int64 = /^[+-]?\d+$/u;

/** Parses `a=b,c in (d,e),!f`; refuses with the 400 that Kubernetes answers. */
export function parseLabelSelector(text: string): LabelSelector {
  return new LabelParser(scanLabelSelector(text)).parse();
}

export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => holds(requirement, labels ?? {}));
}

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return value === undefined ? holdsForAbsent.has(operator) : tests[operator](value, values);
}

const holdsForAbsent: ReadonlySet<Operator> = new Set<Operator>(['!', '!=', 'notin']);

const isOneOf = (value: string, wanted: readonly string[]): boolean => wanted.includes(value);
const isNoneOf = (value: string, wanted: readonly string[]): boolean => !wanted.includes(value);

const tests: Record<Operator, (value: string, wanted: readonly string[]) => boolean> = {
  exists: () => true,
  '!': () => false,
  '=': isOneOf,
  in: isOneOf,
  '!=': isNoneOf,
  notin: isNoneOf,
  gt: (value, [limit]) => int64.test(value) && compare(value, limit ?? '0') === 'gt',
  lt: (value, [limit]) => int64.test(value) && compare(value, limit ?? '0') === 'lt',
};

function compare(left: string, right: string): 'eq' | 'gt' | 'lt' {
  const difference = BigInt(left) - BigInt(right);
  if (difference === 0n) return 'eq';
  return difference > 0n ? 'gt' : 'lt';
}

class LabelParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek('end')) return requirements;
    if (!this.#peek('identifier', '!')) {
      throw badSelector(`found '${this.#text()}', expected: !, identifier, or 'end of string'`);
    }
    for (;;) {
      requirements.push(this.#requirement());
      if (this.#peek('end')) return requirements;
      if (!this.#peek(',')) throw badSelector(`found '${this.#text()}', expected: ',' or 'end of string'`);
      this.#next();
      if (!this.#peek('identifier', '!')) {
        throw badSelector(`found '${this.#text()}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): LabelRequirement {
    const isAbsent = this.#peek('!');
    if (isAbsent) this.#next();
    if (!this.#peek('identifier')) throw badRequirement(`found '${this.#text()}', expected: identifier`);
    const key = this.#next().text;
    checkKey(key);
    if (isAbsent) return { key, operator: '!', values: [] };
    if (this.#peek('end', ',')) return { key, operator: 'exists', values: [] };
    const operator = this.#operator();
    const isList = operator === 'in' || operator === 'notin';
    const values = isList ? this.#list() : [this.#value()];
    checkValues(key, operator, values);
    return { key, operator, values };
  }

  #operator(): Operator {
    const { text } = this.#next();
    const operator = Object.hasOwn(binaryOperators, text) ? binaryOperators[text] : undefined;
    if (operator === undefined) {
      throw badRequirement(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    return operator;
  }

  /** A missing value is the empty string: `a=` and `a in (b,)` are well formed. */
  #value(): string {
    if (this.#peek('end', ',')) return '';
    if (!this.#peek('identifier')) throw badRequirement(`found '${this.#text()}', expected: identifier`);
    return this.#next().text;
  }

  #list(): string[] {
    if (!this.#peek('(')) throw badRequirement(`found '${this.#text()}' expected: '('`);
    this.#next();
    if (this.#peek(')')) {
      this.#next();
      return [];
    }
    if (!this.#peek('identifier', ',')) {
      throw badRequirement(`found '${this.#text()}', expected: ',', ')' or identifier`);
    }
    const values = new Set<string>();
    for (;;) {
      values.add(this.#peek('identifier') ? this.#next().text : '');
      if (!this.#peek(',', ')')) throw badRequirement(`found '${this.#text()}', expected: ',' or ')'`);
      if (this.#next().kind === ')') return [...values].toSorted();
    }
  }

  #peek(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.#tokens[this.#position]?.kind ?? 'end');
  }

  #text(): string {
    return this.#tokens[this.#position]?.text ?? '';
  }

  #next(): Token {
    const token = this.#tokens[this.#position] ?? { kind: 'end', text: '' };
    this.#position += 1;
    return token;
  }
}

function checkKey(key: string): void {
  const problems = checkQualifiedName(key);
  if (problems.length > 0) throw badRequirement(`<nil>: Invalid value: "${key}": ${problems.join('; ')}`);
}

function checkValues(key: string, operator: Operator, values: readonly string[]): void {
  if (values.length === 0) {
    throw badRequirement("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  }
  for (const [index, value] of values.entries()) {
    if ((operator === 'gt' || operator === 'lt') && !int64.test(value)) {
      throw badRequirement(
        `values[${index}]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    const problems = checkLabelValue(value);
    if (problems.length > 0) {
      throw badRequirement(`values[${index}][${key}]: Invalid value: "${value}": ${problems.join('; ')}`);
    }
  }
}

function badRequirement(problem: string): Error {
  return badSelector(`unable to parse requirement: ${problem}`);
}

function badSelector(problem: string): Error {
  return apiError('BadRequest', problem);
}
