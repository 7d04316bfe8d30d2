import type { CelType, Variables } from './cel-type.ts';
import { sizeOf } from './cel-value.ts';
import { roundCost } from './evaluate-fold.ts';
import type { Fold, TypedNode } from './typed-node.ts';

export interface Estimate {
  readonly cost: number;
  /** The most parts that the value can have, and what is known about the items of a list or map. */
  readonly size: number;
  readonly type: CelType;
}

/** What nobody has limited can fill a whole request. */
export const maxRequestBytes = 3 * 1024 * 1024;
const aggregateCost = { list: 10, map: 30 };

type Kind<K extends TypedNode['kind']> = Extract<TypedNode, { kind: K }>;
/** Names within macros, whose values are better known than their types say. */
type Known = ReadonlyMap<string, Estimate>;

/** The worst case of one evaluation, in the steps that the evaluation counts. */
export function estimateCost(node: TypedNode, variables: Variables): Estimate {
  const known = new Map([...variables].map(([name, type]) => [name, ofType(type, 0)] as const));
  return estimate(node, known);
}

function ofType(type: CelType, cost: number): Estimate {
  return { cost, type, size: maxSizeOf(type) };
}

function maxSizeOf(type: CelType): number {
  switch (type.kind) {
    case 'list':
    case 'map':
      return type.maxSize ?? maxRequestBytes;
    case 'basic': {
      const hasParts = type.name === 'string' || type.name === 'bytes' || type.name === 'dyn';
      return hasParts ? (type.maxSize ?? maxRequestBytes) : 1;
    }
    case 'object':
      return type.fields.size;
    case 'opaque':
    case 'optional':
    case 'type':
    case 'variable':
      return 1;
  }
}

function estimate(node: TypedNode, known: Known): Estimate {
  switch (node.kind) {
    case 'constant':
      return { cost: 0, size: sizeOf(node.value), type: node.type };
    case 'variable':
      return { ...(known.get(node.name) ?? ofType(node.type, 0)), cost: 1 };
    case 'select': {
      const operand = estimate(node.operand, known);
      return ofType(memberType(operand, node), operand.cost + 1);
    }
    case 'index': {
      const [operand, key] = [estimate(node.operand, known), estimate(node.key, known)];
      return ofType(itemTypeOf(operand.type) ?? node.type, operand.cost + key.cost + 1);
    }
    case 'call':
      return estimateCall(node, known);
    case 'list': {
      const items = node.items.map(({ value }) => estimate(value, known));
      return { cost: aggregateCost.list + sumCost(items), size: items.length, type: node.type };
    }
    case 'map': {
      const parts = node.entries.flatMap(({ key, value }) => [estimate(key, known), estimate(value, known)]);
      return { cost: aggregateCost.map + sumCost(parts), size: node.entries.length, type: node.type };
    }
    case 'and':
    case 'or':
      return ofType(node.type, sumCost([estimate(node.left, known), estimate(node.right, known)]));
    case 'conditional': {
      const [yes, no] = [estimate(node.yes, known), estimate(node.no, known)];
      const larger = yes.size >= no.size ? yes : no;
      return { ...larger, cost: estimate(node.condition, known).cost + Math.max(yes.cost, no.cost) };
    }
    case 'fold':
      return estimateFold(node, known);
    case 'bind': {
      const value = estimate(node.value, known);
      const inner = node.mode === 'plain' ? value : ofType(contentOf(value.type), 0);
      const body = estimate(node.body, new Map([...known, [node.name, inner]]));
      return { ...body, cost: value.cost + body.cost };
    }
  }
}

function memberType({ type }: Estimate, { field, mode, type: own }: Kind<'select'>): CelType {
  if (mode === 'test' || type.kind === 'optional') return own;
  if (type.kind === 'object') return type.fields.get(field) ?? own;
  return itemTypeOf(type) ?? own;
}

function itemTypeOf(type: CelType): CelType | undefined {
  if (type.kind === 'list') return type.element;
  return type.kind === 'map' ? type.value : undefined;
}

function contentOf(type: CelType): CelType {
  return type.kind === 'optional' ? type.of : type;
}

function estimateCall(node: Kind<'call'>, known: Known): Estimate {
  const args = node.args.map((arg) => estimate(arg, known));
  const sizes = args.map(({ size }) => size);
  const cost = Math.max(...node.overloads.map((overload) => overload.cost(sizes)));
  const hasParts = maxSizeOf(node.type) > 1 && node.type.kind !== 'object';
  const size = hasParts ? Math.max(...node.overloads.map((overload) => overload.size(sizes))) : 1;
  return {
    cost: sumCost(args) + 1 + cost,
    size: Math.min(size, maxRequestBytes),
    type: keepElements(node.type, args),
  };
}

/** `a + b` of two lists has the items of both; the declared sizes of the first one are the better guess. */
function keepElements(type: CelType, [first]: readonly Estimate[]): CelType {
  return type.kind === 'list' && first?.type.kind === 'list' ? first.type : type;
}

function estimateFold(node: Fold, known: Known): Estimate {
  const range = estimate(node.range, known);
  const inside = new Map(known);
  const item = itemTypeOf(range.type);
  const key = range.type.kind === 'map' ? range.type.key : undefined;
  const unknown = ofType(node.type, 0);
  if (node.second === undefined) inside.set(node.first, estimateOf(key ?? item, unknown));
  else {
    inside.set(node.first, estimateOf(key, { ...unknown, size: 1 }));
    inside.set(node.second, estimateOf(item, unknown));
  }
  const predicate = node.predicate === undefined ? undefined : estimate(node.predicate, inside);
  const body = node.body === undefined ? undefined : estimate(node.body, inside);
  const perRound = roundCost + (predicate?.cost ?? 0) + (body?.cost ?? 0);
  const isList = node.type.kind === 'list' || node.type.kind === 'map';
  return {
    cost: range.cost + range.size * perRound,
    size: isList ? range.size : 1,
    type: node.fold === 'filter' && range.type.kind === 'list' ? range.type : node.type,
  };
}

function estimateOf(type: CelType | undefined, otherwise: Estimate): Estimate {
  return type === undefined ? otherwise : ofType(type, 0);
}

function sumCost(parts: readonly Estimate[]): number {
  return parts.reduce((sum, { cost }) => sum + cost, 0);
}
