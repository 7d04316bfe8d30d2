import type { CelBudget } from './cel-budget.ts';
import { CelEvaluationError } from './cel-error.ts';
import { CelEntries, CelMap, CelOptional, type CelValue, absent, keyText, sizeOf } from './cel-value.ts';
import { evaluateFold } from './evaluate-fold.ts';
import { hasType } from './has-type.ts';
import type { Overload } from './overload.ts';
import type { Scope } from './scope.ts';
import type { TypedNode } from './typed-node.ts';

type Kind<K extends TypedNode['kind']> = Extract<TypedNode, { kind: K }>;

const aggregateCost = { list: 10, map: 30 };

export function evaluate(node: TypedNode, scope: Scope | undefined, budget: CelBudget): CelValue {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'variable':
      budget.spend(1);
      return findVariable(node.name, scope);
    case 'select':
      return evaluateSelect(node, scope, budget);
    case 'index':
      return evaluateIndex(node, scope, budget);
    case 'call':
      return evaluateCall(node, scope, budget);
    case 'list':
      return evaluateList(node, scope, budget);
    case 'map':
      return evaluateMap(node, scope, budget);
    case 'and':
    case 'or':
      return evaluateLogic(node, scope, budget);
    case 'conditional':
      return evaluate(isTrue(node.condition, scope, budget) ? node.yes : node.no, scope, budget);
    case 'fold':
      return evaluateFold(node, scope, {
        budget,
        evaluate: (part, inner) => evaluate(part, inner, budget),
      });
    case 'bind':
      return evaluateBind(node, scope, budget);
  }
}

/** The value of something that must be true or false. */
function isTrue(node: TypedNode, scope: Scope | undefined, budget: CelBudget): boolean {
  const value = evaluate(node, scope, budget);
  if (typeof value === 'boolean') return value;
  throw new CelEvaluationError('no such overload');
}

function findVariable(name: string, scope: Scope | undefined): CelValue {
  for (let place = scope; place !== undefined; place = place.outer) {
    if (place.name === name) return place.value;
  }
  throw new CelEvaluationError(`no such attribute(s): ${name}`);
}

function evaluateSelect(node: Kind<'select'>, scope: Scope | undefined, budget: CelBudget): CelValue {
  budget.spend(1);
  const operand = evaluate(node.operand, scope, budget);
  const holder = operand instanceof CelOptional ? operand.value : operand;
  if (holder === undefined) return node.mode === 'test' ? false : absent;
  if (!(holder instanceof CelMap)) throw new CelEvaluationError('no such overload');
  const found = holder.get(node.field);
  if (node.mode === 'test') return found !== undefined;
  if (node.mode === 'optional' || operand instanceof CelOptional) return optional(found);
  if (found === undefined) throw new CelEvaluationError(`no such key: ${node.field}`);
  return found;
}

function evaluateIndex(node: Kind<'index'>, scope: Scope | undefined, budget: CelBudget): CelValue {
  budget.spend(1);
  const operand = evaluate(node.operand, scope, budget);
  const key = evaluate(node.key, scope, budget);
  const isOptional = node.isOptional || operand instanceof CelOptional;
  const holder = operand instanceof CelOptional ? operand.value : operand;
  if (holder === undefined) return absent;
  const found = findItem(holder, key);
  if (isOptional) return optional(found);
  if (found !== undefined) return found;
  throw new CelEvaluationError(
    Array.isArray(holder) ? `index out of bounds: ${showKey(key)}` : `no such key: ${showKey(key)}`,
  );
}

function optional(value: CelValue | undefined): CelOptional {
  return value === undefined ? absent : new CelOptional(value);
}

function findItem(holder: CelValue, key: CelValue): CelValue | undefined {
  if (holder instanceof CelMap) {
    if (keyText(key) === 'x') throw new CelEvaluationError('unsupported key type');
    return holder.get(key);
  }
  if (!Array.isArray(holder)) throw new CelEvaluationError('no such overload');
  const digits = /^n(-?\d+)$/u.exec(keyText(key))?.[1];
  if (digits === undefined) throw new CelEvaluationError('unsupported index type');
  return (holder as readonly CelValue[])[Number(digits)];
}

function showKey(key: CelValue): string {
  return keyText(key).slice(1);
}

function evaluateCall(node: Kind<'call'>, scope: Scope | undefined, budget: CelBudget): CelValue {
  const args = node.args.map((arg) => evaluate(arg, scope, budget));
  const chosen = node.overloads.find(({ args: types }) =>
    types.every((type, index) => hasType(args[index] ?? null, type)),
  );
  if (chosen === undefined) throw new CelEvaluationError('no such overload');
  budget.spend(1 + chosen.cost(args.map(sizeOf)));
  return callOverload(chosen, args);
}

function callOverload({ run }: Overload, args: readonly CelValue[]): CelValue {
  return run(...(args as never[])); // -- hasType has compared them with the signature.
}

function evaluateList({ items }: Kind<'list'>, scope: Scope | undefined, budget: CelBudget): CelValue {
  budget.spend(aggregateCost.list);
  return items.flatMap(({ value, isOptional }) => {
    const item = evaluate(value, scope, budget);
    if (!isOptional) return [item];
    const inner = contentOf(item);
    return inner === undefined ? [] : [inner];
  });
}

function evaluateMap({ entries }: Kind<'map'>, scope: Scope | undefined, budget: CelBudget): CelValue {
  budget.spend(aggregateCost.map);
  const seen = new Set<string>();
  const found = entries.flatMap(({ key: keyNode, value: valueNode, isOptional }) => {
    const [key, value] = [evaluate(keyNode, scope, budget), evaluate(valueNode, scope, budget)];
    const text = keyText(key);
    if (text === 'x' || typeof key === 'number') throw new CelEvaluationError('unsupported key type');
    if (seen.has(text)) throw new CelEvaluationError(`Failed with repeated key: ${text.slice(1)}`);
    seen.add(text);
    const inner = isOptional ? contentOf(value) : value;
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return new CelEntries(found);
}

function contentOf(value: CelValue): CelValue | undefined {
  if (value instanceof CelOptional) return value.value;
  throw new CelEvaluationError('no such overload');
}

/** One side that decides is enough, even when the other one fails. */
function evaluateLogic(node: Kind<'and' | 'or'>, scope: Scope | undefined, budget: CelBudget): boolean {
  const deciding = node.kind === 'or';
  try {
    if (isTrue(node.left, scope, budget) === deciding) return deciding;
  } catch (error) {
    if (!(error instanceof CelEvaluationError)) throw error;
    if (isTrue(node.right, scope, budget) === deciding) return deciding;
    throw error;
  }
  return isTrue(node.right, scope, budget);
}

function evaluateBind(node: Kind<'bind'>, scope: Scope | undefined, budget: CelBudget): CelValue {
  const given = evaluate(node.value, scope, budget);
  const value = node.mode === 'plain' ? given : contentOf(given);
  if (value === undefined) return absent;
  const result = evaluate(node.body, { name: node.name, value, outer: scope }, budget);
  return node.mode === 'map' ? new CelOptional(result) : result;
}
