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
import type { Expression } from './expression.ts';
import type { Fold, FoldKind, SelectMode, TypedNode } from './typed-node.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** The part of the checker that macros work with. */
export interface MacroChecker {
  check(expression: Expression, variables: Variables): TypedNode;
  checkAs(
    expression: Expression,
    wanted: CelType,
    variables: Variables,
    place: { readonly kind: string },
  ): TypedNode;
  checkField(
    expression: Extract<Expression, { kind: 'select' }>,
    mode: SelectMode,
    variables: Variables,
  ): TypedNode;
  resolve(type: CelType): CelType;
  refuse(place: { readonly offset: number }, message: string): Error;
}

type Expand = (checker: MacroChecker, call: Call, variables: Variables) => TypedNode;

/** How many names and expressions a macro takes: `x.map(name, expression)` is 1 and 1. */
interface FoldShape {
  readonly fold: FoldKind;
  readonly nameCount: 1 | 2;
  readonly hasPredicate: boolean;
  readonly hasBody: boolean;
}

const shape = (fold: FoldKind, nameCount: 1 | 2, parts: 'body' | 'both' | 'predicate'): FoldShape => ({
  fold,
  nameCount,
  hasPredicate: parts !== 'body',
  hasBody: parts !== 'predicate',
});

/** By name and number of arguments. */
const folds: ReadonlyMap<string, FoldShape> = new Map([
  ['all/2', shape('all', 1, 'predicate')],
  ['all/3', shape('all', 2, 'predicate')],
  ['exists/2', shape('exists', 1, 'predicate')],
  ['exists/3', shape('exists', 2, 'predicate')],
  ['exists_one/2', shape('existsOne', 1, 'predicate')],
  ['existsOne/2', shape('existsOne', 1, 'predicate')],
  ['existsOne/3', shape('existsOne', 2, 'predicate')],
  ['filter/2', shape('filter', 1, 'predicate')],
  ['map/2', shape('map', 1, 'body')],
  ['map/3', shape('map', 1, 'both')],
  ['transformList/3', shape('transformList', 2, 'body')],
  ['transformList/4', shape('transformList', 2, 'both')],
  ['transformMap/3', shape('transformMap', 2, 'body')],
  ['transformMap/4', shape('transformMap', 2, 'both')],
  ['transformMapEntry/3', shape('transformMapEntry', 2, 'body')],
  ['transformMapEntry/4', shape('transformMapEntry', 2, 'both')],
]);

/** Undefined when the call is no macro. */
export function expandMacro(checker: MacroChecker, call: Call, variables: Variables): TypedNode | undefined {
  const { name, target, args } = call;
  if (target === undefined) return name === 'has' ? expandHas(checker, call, variables) : undefined;
  if (target.kind === 'name' && target.name === 'cel' && name === 'bind' && args.length === 3) {
    return expandBind(checker, call, variables);
  }
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    return expandOptional(checker, call, variables);
  }
  const found = folds.get(`${name}/${args.length}`);
  return found === undefined ? undefined : expandFold(checker, call, variables, found);
}

const expandHas: Expand = (checker, call, variables) => {
  const [operand] = call.args;
  if (call.args.length !== 1 || operand?.kind !== 'select' || operand.isOptional) {
    throw checker.refuse(operand ?? call, 'invalid argument to has() macro');
  }
  return checker.checkField(operand, 'test', variables);
};

const expandBind: Expand = (checker, call, variables) => {
  const [nameNode, valueNode, bodyNode] = call.args;
  const name = readName(checker, nameNode, call);
  const value = checker.check(valueNode ?? call, variables);
  const body = checker.check(bodyNode ?? call, new Map([...variables, [name, value.type]]));
  return { kind: 'bind', type: body.type, mode: 'plain', name, value, body };
};

const expandOptional: Expand = (checker, call, variables) => {
  const [nameNode, bodyNode] = call.args;
  const name = readName(checker, nameNode, call);
  const value = checker.check(call.target ?? call, variables);
  const type = checker.resolve(value.type);
  if (type.kind !== 'optional' && !isDyn(type)) {
    throw checker.refuse(
      call,
      `found no matching overload for '${call.name}' applied to '${formatType(type)}'`,
    );
  }
  const inner = type.kind === 'optional' ? type.of : celTypes.dyn;
  const body = checker.check(bodyNode ?? call, new Map([...variables, [name, inner]]));
  const mode = call.name === 'optMap' ? 'map' : 'flatMap';
  return { kind: 'bind', type: mode === 'map' ? optionalOf(body.type) : body.type, mode, name, value, body };
};

function expandFold(
  checker: MacroChecker,
  call: Call,
  variables: Variables,
  { fold, nameCount, hasPredicate, hasBody }: FoldShape,
): TypedNode {
  const names = call.args.slice(0, nameCount).map((node) => readName(checker, node, call));
  const rest = call.args.slice(nameCount);
  const range = checker.check(call.target ?? call, variables);
  const types = itemTypes(checker, call, checker.resolve(range.type), nameCount);
  const inside = new Map([
    ...variables,
    ...names.map((name, index) => [name, types[index] ?? celTypes.dyn] as const),
  ]);
  const predicate = hasPredicate
    ? checker.checkAs(rest[0] ?? call, celTypes.bool, inside, { kind: 'predicate' })
    : undefined;
  const body = hasBody ? checker.check(rest.at(-1) ?? call, inside) : undefined;
  const [first = '', second] = names;
  const type = typeOfFold(fold, { range: checker.resolve(range.type), key: types[0] ?? celTypes.dyn, body });
  return {
    ...{ kind: 'fold', type, fold, range, first },
    ...(second === undefined ? {} : { second }),
    ...(predicate === undefined ? {} : { predicate }),
    ...(body === undefined ? {} : { body }),
  } satisfies Fold;
}

function itemTypes(checker: MacroChecker, call: Call, range: CelType, nameCount: number): readonly CelType[] {
  if (isDyn(range) || range.kind === 'variable') return [celTypes.dyn, celTypes.dyn];
  if (range.kind === 'list') return nameCount === 1 ? [range.element] : [celTypes.int, range.element];
  if (range.kind === 'map') return [range.key, range.value];
  const message =
    `expression of type '${formatType(range)}' cannot be range of a comprehension ` +
    '(must be list, map, or dynamic)';
  throw checker.refuse(call.target ?? call, message);
}

function typeOfFold(
  fold: FoldKind,
  {
    range,
    key,
    body,
  }: { readonly range: CelType; readonly key: CelType; readonly body: TypedNode | undefined },
): CelType {
  switch (fold) {
    case 'all':
    case 'exists':
    case 'existsOne':
      return celTypes.bool;
    case 'filter':
      return range.kind === 'list' ? range : listOf(key);
    case 'map':
    case 'transformList':
      return listOf(body?.type ?? celTypes.dyn);
    case 'transformMap':
      return mapOf(key, body?.type ?? celTypes.dyn);
    case 'transformMapEntry':
      return body?.type ?? mapOf(celTypes.dyn, celTypes.dyn);
  }
}

function readName(checker: MacroChecker, node: Expression | undefined, call: Call): string {
  if (node?.kind === 'name' && !node.name.startsWith('.')) return node.name;
  throw checker.refuse(node ?? call, 'argument must be a simple name');
}
