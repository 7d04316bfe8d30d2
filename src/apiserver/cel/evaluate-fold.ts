import type { CelBudget } from './cel-budget.ts';
import { CelEvaluationError } from './cel-error.ts';
import { CelEntries, CelMap, type CelValue, keyText } from './cel-value.ts';
import type { Scope } from './scope.ts';
import type { Fold, TypedNode } from './typed-node.ts';

/** What each round costs beyond its expressions: looking whether to go on, and keeping the result so far. */
export const roundCost = 3;

export interface FoldContext {
  readonly budget: CelBudget;
  readonly evaluate: (node: TypedNode, scope: Scope | undefined) => CelValue;
}

export function evaluateFold(node: Fold, scope: Scope | undefined, context: FoldContext): CelValue {
  const { evaluate } = context;
  const rounds = roundsOf(node, scope, context);
  switch (node.fold) {
    case 'all':
      return decide(node, rounds, context, false);
    case 'exists':
      return decide(node, rounds, context, true);
    case 'existsOne': {
      let count = 0;
      for (const round of rounds) if (isTaken(node, round, context)) count += 1;
      return count === 1;
    }
    case 'filter':
      return rounds.filter((round) => isTaken(node, round, context)).map(({ item }) => item);
    case 'map':
    case 'transformList':
      return rounds.flatMap((round) =>
        isTaken(node, round, context) ? [evaluate(bodyOf(node), round.scope)] : [],
      );
    case 'transformMap':
      return new CelEntries(
        rounds.flatMap((round) =>
          isTaken(node, round, context) ? [[round.key, evaluate(bodyOf(node), round.scope)] as const] : [],
        ),
      );
    case 'transformMapEntry':
      return mergeEntries(node, rounds, context);
  }
}

interface Round {
  readonly scope: Scope;
  /** What the one name of a macro stands for. */
  readonly item: CelValue;
  readonly key: CelValue;
}

function roundsOf(node: Fold, scope: Scope | undefined, { evaluate }: FoldContext): readonly Round[] {
  const range = evaluate(node.range, scope);
  const { first, second } = node;
  const build = (key: CelValue, value: CelValue, item: CelValue): Round => {
    if (second === undefined) return { key, item, scope: { name: first, value: item, outer: scope } };
    const outer = { name: first, value: key, outer: scope };
    return { key, item, scope: { name: second, value, outer } };
  };
  if (range instanceof CelMap) {
    return [...range.keys()].map((key) => build(key, range.get(key) ?? null, key));
  }
  if (!Array.isArray(range)) throw new CelEvaluationError('no such overload');
  return (range as readonly CelValue[]).map((item, index) => build(BigInt(index), item, item));
}

/** One round that decides is enough, even when others fail. */
function decide(node: Fold, rounds: readonly Round[], context: FoldContext, deciding: boolean): boolean {
  let failure: CelEvaluationError | undefined;
  for (const round of rounds) {
    try {
      if (isTaken(node, round, context) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof CelEvaluationError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !deciding;
}

function isTaken({ predicate }: Fold, { scope }: Round, { budget, evaluate }: FoldContext): boolean {
  budget.spend(roundCost);
  if (predicate === undefined) return true;
  const value = evaluate(predicate, scope);
  if (typeof value === 'boolean') return value;
  throw new CelEvaluationError('no such overload');
}

function mergeEntries(node: Fold, rounds: readonly Round[], context: FoldContext): CelValue {
  const merged = new Map<string, readonly [CelValue, CelValue]>();
  for (const round of rounds) {
    if (!isTaken(node, round, context)) continue;
    const entries = context.evaluate(bodyOf(node), round.scope);
    if (!(entries instanceof CelMap)) throw new CelEvaluationError('no such overload');
    for (const key of entries.keys()) {
      const text = keyText(key);
      if (merged.has(text))
        throw new CelEvaluationError(`insert failed: key ${text.slice(1)} already exists`);
      merged.set(text, [key, entries.get(key) ?? null]);
    }
  }
  return new CelEntries(merged.values());
}

function bodyOf({ body, range }: Fold): TypedNode {
  return body ?? range;
}
