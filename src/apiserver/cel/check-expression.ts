import { CelCompileError } from './cel-error.ts';
import {
  type CelType,
  type Variables,
  celTypes,
  formatType,
  isDyn,
  listOf,
  mapOf,
  optionalOf,
} from './cel-type.ts';
import { CelTypeValue, CelUint } from './cel-value.ts';
import type { Expression, Literal } from './expression.ts';
import { type FunctionTable, typeNames } from './function-table.ts';
import { type MacroChecker, expandMacro } from './macros.ts';
import type { Overload } from './overload.ts';
import { type Bindings, assign, renameVariables, substitute } from './type-bindings.ts';
import type { SelectMode, TypedNode } from './typed-node.ts';

export interface CheckInput {
  readonly source: string;
  readonly variables: Variables;
  readonly functions: FunctionTable;
  /** Kubernetes refuses `[1, 'a']`; CEL itself does not. */
  readonly allowsMixedLiterals: boolean;
}

type Kind<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** Finds the type of every part, and refuses what can never be evaluated. */
export class Checker implements MacroChecker {
  /** The variables that the expression mentions. */
  readonly mentioned = new Set<string>();
  readonly #input: CheckInput;
  #bindings: Bindings = new Map();
  #freshCount = 0;
  #allowsMixed: boolean;

  constructor(input: CheckInput) {
    this.#input = input;
    this.#allowsMixed = input.allowsMixedLiterals;
  }

  check(expression: Expression, variables: Variables = this.#input.variables): TypedNode {
    switch (expression.kind) {
      case 'literal':
        return { kind: 'constant', type: typeOfLiteral(expression.value), value: expression.value };
      case 'name':
        return this.#checkName(expression, variables);
      case 'select':
        return this.#checkSelect(expression, variables);
      case 'index':
        return this.#checkIndex(expression, variables);
      case 'call':
        return this.#checkCall(expression, variables);
      case 'list':
        return this.#checkList(expression, variables);
      case 'map':
        return this.#checkMap(expression, variables);
      case 'and':
      case 'or':
        return {
          kind: expression.kind,
          type: celTypes.bool,
          left: this.checkAs(expression.left, celTypes.bool, variables, expression),
          right: this.checkAs(expression.right, celTypes.bool, variables, expression),
        };
      case 'conditional':
        return this.#checkConditional(expression, variables);
    }
  }

  /** Checks that the value can be of the type that the place asks for. */
  checkAs(
    expression: Expression,
    wanted: CelType,
    variables: Variables,
    { kind }: { readonly kind: string },
  ): TypedNode {
    const node = this.check(expression, variables);
    if (this.#unify(wanted, node.type)) return node;
    const found = formatType(this.resolve(node.type));
    const where = kind === 'and' ? "'_&&_' " : kind === 'or' ? "'_||_' " : '';
    throw this.refuse(expression, `${where}expected type '${formatType(wanted)}' but found '${found}'`);
  }

  refuse({ offset }: { readonly offset: number }, message: string): CelCompileError {
    return new CelCompileError(this.#input.source, [{ offset, message }]);
  }

  /** The type as far as it is known by now. */
  resolve(type: CelType): CelType {
    return substitute(this.#bindings, type);
  }

  fresh(): CelType {
    this.#freshCount += 1;
    return { kind: 'variable', name: `_var${this.#freshCount}` };
  }

  /** The type that covers both; undefined when none does. */
  join(left: CelType, right: CelType): CelType | undefined {
    if (!this.#unify(left, right)) return undefined;
    const [a, b] = [this.resolve(left), this.resolve(right)];
    if (isDyn(a) || isDyn(b)) return celTypes.dyn;
    return a.kind === 'basic' && a.name === 'null_type' ? b : a;
  }

  #unify(wanted: CelType, given: CelType): boolean {
    const bindings = assign(this.#bindings, wanted, given);
    if (bindings === undefined) return false;
    this.#bindings = bindings;
    return true;
  }

  #checkName({ name, offset }: Kind<'name'>, variables: Variables): TypedNode {
    const plain = name.replace(/^\./u, '');
    const type = variables.get(plain);
    if (type !== undefined) {
      if (this.#input.variables.get(plain) === type) this.mentioned.add(plain);
      return { kind: 'variable', type, name: plain };
    }
    const named = typeNames.get(plain);
    if (named !== undefined) {
      return { kind: 'constant', type: { kind: 'type', of: named }, value: new CelTypeValue(named) };
    }
    throw this.refuse({ offset }, `undeclared reference to '${plain}' (in container '')`);
  }

  #checkSelect(expression: Kind<'select'>, variables: Variables): TypedNode {
    const named = typeNames.get(qualifiedName(expression) ?? '');
    if (named !== undefined) {
      return { kind: 'constant', type: { kind: 'type', of: named }, value: new CelTypeValue(named) };
    }
    return this.checkField(expression, expression.isOptional ? 'optional' : 'value', variables);
  }

  checkField(expression: Kind<'select'>, mode: SelectMode, variables: Variables): TypedNode {
    const { field } = expression;
    const operand = this.check(expression.operand, variables);
    const operandType = this.resolve(operand.type);
    const holder = operandType.kind === 'optional' ? operandType.of : operandType;
    const found = this.#fieldType(holder, expression);
    const isOptional = mode === 'optional' || operandType.kind === 'optional';
    const type = mode === 'test' ? celTypes.bool : isOptional ? optionalOf(found) : found;
    return { kind: 'select', type, operand, field, mode };
  }

  #fieldType(holder: CelType, { field, offset }: Kind<'select'>): CelType {
    if (isDyn(holder) || holder.kind === 'variable') return celTypes.dyn;
    if (holder.kind === 'map') {
      if (this.#unify(holder.key, celTypes.string)) return holder.value;
      throw this.refuse({ offset }, `type '${formatType(holder)}' does not support field selection`);
    }
    if (holder.kind !== 'object') {
      throw this.refuse({ offset }, `type '${formatType(holder)}' does not support field selection`);
    }
    const type = holder.fields.get(field);
    if (type === undefined) throw this.refuse({ offset }, `undefined field '${field}'`);
    return type;
  }

  #checkIndex(expression: Kind<'index'>, variables: Variables): TypedNode {
    const { isOptional, offset } = expression;
    const operand = this.check(expression.operand, variables);
    const key = this.check(expression.key, variables);
    const operandType = this.resolve(operand.type);
    const holder = operandType.kind === 'optional' ? operandType.of : operandType;
    const found = this.#itemType(holder, key.type);
    if (found === undefined) {
      const applied = `(${formatType(operandType)}, ${formatType(this.resolve(key.type))})`;
      throw this.refuse({ offset }, `found no matching overload for '_[_]' applied to '${applied}'`);
    }
    const type = isOptional || operandType.kind === 'optional' ? optionalOf(found) : found;
    return { kind: 'index', type, operand, key, isOptional };
  }

  #itemType(holder: CelType, key: CelType): CelType | undefined {
    if (isDyn(holder) || holder.kind === 'variable') return celTypes.dyn;
    if (holder.kind === 'list') return this.#unify(celTypes.int, key) ? holder.element : undefined;
    return holder.kind === 'map' && this.#unify(holder.key, key) ? holder.value : undefined;
  }

  #checkCall(expression: Kind<'call'>, variables: Variables): TypedNode {
    const expanded = expandMacro(this, expression, variables);
    if (expanded !== undefined) return expanded;
    const { name, target, args } = expression;
    const { functions } = this.#input;
    if (target !== undefined) {
      const prefix = qualifiedName(target);
      const qualified = `${prefix ?? ''}.${name}`;
      if (prefix !== undefined && !variables.has(prefix) && functions.has(qualified)) {
        return this.#resolveCall(expression, qualified, args, variables);
      }
      return this.#resolveCall(expression, `.${name}`, [target, ...args], variables);
    }
    return this.#resolveCall(expression, name, args, variables);
  }

  #resolveCall(
    { offset }: { readonly offset: number },
    name: string,
    args: readonly Expression[],
    variables: Variables,
  ): TypedNode {
    const candidates = this.#input.functions.get(name);
    const shown = name.replace(/^\./u, '');
    if (candidates === undefined) {
      throw this.refuse({ offset }, `undeclared reference to '${shown}' (in container '')`);
    }
    const nodes = this.#checkArguments(name, args, variables);
    const types = nodes.map(({ type }) => this.resolve(type));
    const fitting = candidates.flatMap((candidate) => this.#tryOverload(candidate, types));
    const [first] = fitting;
    if (first === undefined) {
      const applied = describeArguments(name, types);
      throw this.refuse({ offset }, `found no matching overload for '${shown}' applied to '${applied}'`);
    }
    if (fitting.length === 1) this.#bindings = first.bindings;
    const isSame = fitting.every(({ result }) => formatType(result) === formatType(first.result));
    const type = isSame ? first.result : celTypes.dyn;
    return {
      kind: 'call',
      type,
      name: shown,
      overloads: fitting.map(({ candidate }) => candidate),
      args: nodes,
    };
  }

  /** What is only to be printed may be of any types. */
  #checkArguments(name: string, args: readonly Expression[], variables: Variables): TypedNode[] {
    const before = this.#allowsMixed;
    this.#allowsMixed ||= name === '.format';
    const nodes = args.map((arg) => this.check(arg, variables));
    this.#allowsMixed = before;
    return nodes;
  }

  #tryOverload(
    candidate: Overload,
    types: readonly CelType[],
  ): { readonly candidate: Overload; readonly bindings: Bindings; readonly result: CelType }[] {
    if (candidate.args.length !== types.length) return [];
    this.#freshCount += 1;
    const suffix = `$${this.#freshCount}`;
    let bindings: Bindings | undefined = this.#bindings;
    for (const [index, wanted] of candidate.args.entries()) {
      bindings = assign(bindings, renameVariables(wanted, suffix), types[index] ?? celTypes.dyn);
      if (bindings === undefined) return [];
    }
    return [{ candidate, bindings, result: substitute(bindings, renameVariables(candidate.result, suffix)) }];
  }

  #checkList({ items }: Kind<'list'>, variables: Variables): TypedNode {
    let element = this.fresh();
    const checked = items.map(({ value, isOptional }) => {
      const node = this.check(value, variables);
      element = this.#joinItem(value, element, this.#itemOf(node.type, isOptional, value));
      return { value: node, isOptional };
    });
    return { kind: 'list', type: listOf(element), items: checked };
  }

  #checkMap({ entries }: Kind<'map'>, variables: Variables): TypedNode {
    let [key, value] = [this.fresh(), this.fresh()];
    const checked = entries.map((entry) => {
      const [keyNode, valueNode] = [this.check(entry.key, variables), this.check(entry.value, variables)];
      key = this.#joinItem(entry.key, key, keyNode.type);
      value = this.#joinItem(entry.value, value, this.#itemOf(valueNode.type, entry.isOptional, entry.value));
      return { key: keyNode, value: valueNode, isOptional: entry.isOptional };
    });
    return { kind: 'map', type: mapOf(key, value), entries: checked };
  }

  #itemOf(type: CelType, isOptional: boolean, place: Expression): CelType {
    if (!isOptional) return type;
    const resolved = this.resolve(type);
    if (resolved.kind === 'optional') return resolved.of;
    if (isDyn(resolved)) return celTypes.dyn;
    throw this.refuse(place, `expected type 'optional_type(dyn)' but found '${formatType(resolved)}'`);
  }

  #joinItem(place: Expression, known: CelType, found: CelType): CelType {
    const joined = this.join(known, found);
    if (joined !== undefined) return joined;
    if (this.#allowsMixed) return celTypes.dyn;
    const [wanted, given] = [formatType(this.resolve(known)), formatType(this.resolve(found))];
    throw this.refuse(place, `expected type '${wanted}' but found '${given}'`);
  }

  #checkConditional(expression: Kind<'conditional'>, variables: Variables): TypedNode {
    const condition = this.checkAs(expression.condition, celTypes.bool, variables, { kind: '' });
    const [yes, no] = [this.check(expression.yes, variables), this.check(expression.no, variables)];
    const type = this.join(yes.type, no.type);
    if (type !== undefined) return { kind: 'conditional', type, condition, yes, no };
    const types = [condition, yes, no].map((node) => this.resolve(node.type));
    const applied = describeArguments('_?_:_', types);
    throw this.refuse(expression, `found no matching overload for '_?_:_' applied to '${applied}'`);
  }
}

function describeArguments(name: string, types: readonly CelType[]): string {
  const texts = types.map(formatType);
  if (!name.startsWith('.')) return `(${texts.join(', ')})`;
  return `${texts[0] ?? ''}.(${texts.slice(1).join(', ')})`;
}

/** `a.b.c` as one name; undefined when it is anything else. */
function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name.replace(/^\./u, '');
  if (expression.kind !== 'select' || expression.isOptional) return undefined;
  const prefix = qualifiedName(expression.operand);
  return prefix === undefined ? undefined : `${prefix}.${expression.field}`;
}

function typeOfLiteral(value: Literal): CelType {
  if (value === null) return celTypes.null;
  if (value instanceof Uint8Array) return celTypes.bytes;
  if (value instanceof CelUint) return celTypes.uint;
  switch (typeof value) {
    case 'bigint':
      return celTypes.int;
    case 'boolean':
      return celTypes.bool;
    case 'number':
      return celTypes.double;
    default:
      return celTypes.string;
  }
}
