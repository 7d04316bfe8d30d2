import { CelCompileError } from './cel-error.ts';
import { CelUint } from './cel-value.ts';
import type { Expression, ListItem, Literal, MapEntry } from './expression.ts';
import { type Token, tokenize } from './tokenize.ts';

/** Deeper ones overflow the stack of whoever walks them; cel-go stops here as well. */
const maxDepth = 250;
const maxLength = 100_000;
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
/** From the loosest to the tightest; all of them group to the left. */
const binaryLevels: readonly (readonly string[])[] = [
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

export function parseExpression(source: string): Expression {
  if (source.length > maxLength) {
    throw new CelCompileError('', [
      { offset: 0, message: `expression is longer than ${maxLength} characters` },
    ]);
  }
  return new Parser(source).parseAll();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parseAll(): Expression {
    const expression = this.#parseExpression();
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    if (isTooDeep(expression)) throw this.#refuse({ offset: 0 }, 'expression recursion limit exceeded');
    return expression;
  }

  #parseExpression(): Expression {
    this.#enter();
    const condition = this.#parseOr();
    const question = this.#take('?');
    const parsed = question === undefined ? condition : this.#parseBranches(condition, question);
    this.#depth -= 1;
    return parsed;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.#refuse(this.#peek(), 'expression recursion limit exceeded');
  }

  #parseBranches(condition: Expression, { offset }: Token): Expression {
    const yes = this.#parseOr();
    this.#expect(':');
    return { kind: 'conditional', offset, condition, yes, no: this.#parseExpression() };
  }

  #parseOr(): Expression {
    let left = this.#parseAnd();
    for (let sign = this.#take('||'); sign !== undefined; sign = this.#take('||')) {
      left = { kind: 'or', offset: sign.offset, left, right: this.#parseAnd() };
    }
    return left;
  }

  #parseAnd(): Expression {
    let left = this.#parseBinary(0);
    for (let sign = this.#take('&&'); sign !== undefined; sign = this.#take('&&')) {
      left = { kind: 'and', offset: sign.offset, left, right: this.#parseBinary(0) };
    }
    return left;
  }

  #parseBinary(level: number): Expression {
    const signs = binaryLevels[level];
    if (signs === undefined) return this.#parseUnary();
    let left = this.#parseBinary(level + 1);
    for (;;) {
      const token = this.#peek();
      const isOperator = token.kind === 'sign' || (token.kind === 'name' && token.text === 'in');
      if (!isOperator || !signs.includes(token.text)) return left;
      this.#next += 1;
      const name = token.text === 'in' ? '@in' : `_${token.text}_`;
      left = { kind: 'call', offset: token.offset, name, args: [left, this.#parseBinary(level + 1)] };
    }
  }

  #parseUnary(): Expression {
    const token = this.#peek();
    if (this.#take('!') !== undefined) return this.#parseOperand(token, '!_');
    if (this.#take('-') === undefined) return this.#parseMember();
    // The smallest integer has no positive counterpart: its minus belongs to the digits.
    const { value } = this.#peek();
    const isNumber = typeof value === 'bigint' || typeof value === 'number';
    return isNumber ? this.#parseMember(true) : this.#parseOperand(token, '-_');
  }

  #parseOperand({ offset }: Token, name: string): Expression {
    this.#enter();
    const operand = this.#parseUnary();
    this.#depth -= 1;
    return { kind: 'call', offset, name, args: [operand] };
  }

  #parseMember(isNegative = false): Expression {
    let operand = this.#parsePrimary(isNegative);
    for (;;) {
      const token = this.#peek();
      if (this.#take('.') !== undefined) operand = this.#parseSelect(operand, token);
      else if (this.#take('[') !== undefined) {
        const isOptional = this.#take('?') !== undefined;
        const key = this.#parseExpression();
        this.#expect(']');
        operand = { kind: 'index', offset: token.offset, operand, key, isOptional };
      } else return operand;
    }
  }

  #parseSelect(operand: Expression, { offset }: Token): Expression {
    const isOptional = this.#take('?') !== undefined;
    const token = this.#peek();
    if (token.kind !== 'name' && token.kind !== 'quoted-name') throw this.#unexpected();
    this.#next += 1;
    const opening = isOptional || token.kind === 'quoted-name' ? undefined : this.#take('(');
    if (opening === undefined) return { kind: 'select', offset, operand, field: token.text, isOptional };
    return {
      kind: 'call',
      offset: opening.offset,
      name: token.text,
      target: operand,
      args: this.#parseList(')'),
    };
  }

  #parsePrimary(isNegative: boolean): Expression {
    const token = this.#peek();
    this.#next += 1;
    if (token.kind === 'literal') return this.#buildLiteral(token, isNegative);
    if (token.kind === 'name') return this.#parseName(token, '');
    switch (token.text) {
      case '(': {
        const inner = this.#parseExpression();
        this.#expect(')');
        return inner;
      }
      case '[':
        return { kind: 'list', offset: token.offset, items: this.#parseItems() };
      case '{':
        return { kind: 'map', offset: token.offset, entries: this.#parseEntries() };
      case '.': {
        const name = this.#peek();
        if (name.kind !== 'name') throw this.#unexpected();
        this.#next += 1;
        return this.#parseName(name, '.');
      }
      default:
        this.#next -= 1;
        throw this.#unexpected();
    }
  }

  #parseName(token: Token, dot: string): Expression {
    const { text, offset } = token;
    if (reserved.has(text)) throw this.#refuse(token, `reserved identifier: ${text}`);
    if (text === 'in') throw this.#refuse(token, "Syntax error: mismatched input 'in'");
    const opening = this.#take('(');
    if (opening === undefined) return { kind: 'name', offset, name: dot + text };
    return { kind: 'call', offset: opening.offset, name: text, args: this.#parseList(')') };
  }

  #buildLiteral(token: Token, isNegative: boolean): Expression {
    const value = token.value as Literal; // -- every literal token has one.
    const { offset } = token;
    const isTooBig =
      (typeof value === 'bigint' && value > (isNegative ? 2n ** 63n : 2n ** 63n - 1n)) ||
      (value instanceof CelUint && value.value >= 2n ** 64n);
    if (isTooBig) throw this.#refuse(token, 'invalid int literal');
    const isNumber = typeof value === 'bigint' || typeof value === 'number';
    return { kind: 'literal', offset, value: isNegative && isNumber ? -value : value };
  }

  #parseList(end: string): Expression[] {
    const items: Expression[] = [];
    if (this.#take(end) !== undefined) return items;
    do items.push(this.#parseExpression());
    while (this.#take(',') !== undefined);
    this.#expect(end);
    return items;
  }

  #parseItems(): ListItem[] {
    const items: ListItem[] = [];
    while (this.#take(']') === undefined) {
      const isOptional = this.#take('?') !== undefined;
      items.push({ isOptional, value: this.#parseExpression() });
      if (this.#take(',') !== undefined) continue;
      this.#expect(']');
      break;
    }
    return items;
  }

  #parseEntries(): MapEntry[] {
    const entries: MapEntry[] = [];
    while (this.#take('}') === undefined) {
      const isOptional = this.#take('?') !== undefined;
      const key = this.#parseExpression();
      this.#expect(':');
      entries.push({ isOptional, key, value: this.#parseExpression() });
      if (this.#take(',') !== undefined) continue;
      this.#expect('}');
      break;
    }
    return entries;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '<EOF>', offset: this.#source.length };
  }

  #take(sign: string): Token | undefined {
    const token = this.#peek();
    if (token.kind !== 'sign' || token.text !== sign) return undefined;
    this.#next += 1;
    return token;
  }

  #expect(sign: string): void {
    if (this.#take(sign) === undefined) throw this.#unexpected();
  }

  #unexpected(): CelCompileError {
    const token = this.#peek();
    return this.#refuse(token, `Syntax error: mismatched input '${token.text}'`);
  }

  #refuse({ offset }: Pick<Token, 'offset'>, message: string): CelCompileError {
    return new CelCompileError(this.#source, [{ offset, message }]);
  }
}

/** A long sum is as deep as it is long. */
function isTooDeep(root: Expression): boolean {
  let level = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > 2 * maxDepth) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'select':
      return [expression.operand];
    case 'index':
      return [expression.operand, expression.key];
    case 'call':
      return expression.target === undefined ? expression.args : [expression.target, ...expression.args];
    case 'list':
      return expression.items.map(({ value }) => value);
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'and':
    case 'or':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.condition, expression.yes, expression.no];
  }
}
