import type { CelBudget } from './cel-budget.ts';
import { CelCompileError } from './cel-error.ts';
import { type CelType, type Variables, formatType } from './cel-type.ts';
import type { CelValue } from './cel-value.ts';
import { Checker } from './check-expression.ts';
import { estimateCost } from './estimate-cost.ts';
import { evaluate } from './evaluate.ts';
import { functionTable } from './function-table.ts';
import { parseExpression } from './parse-expression.ts';
import type { Scope } from './scope.ts';

/** A CEL expression that has been checked: it can only fail for want of values. */
export interface CelProgram {
  readonly type: CelType;
  readonly mentions: ReadonlySet<string>;
  /** The most that one evaluation can cost, given how large the values can get. */
  readonly maxCost: number;
  /** Throws `CelEvaluationError`, or `CelBudgetError` when the budget is used up. */
  evaluate(values: ReadonlyMap<string, CelValue>, budget: CelBudget): CelValue;
}

export interface CelOptions {
  readonly wanted?: CelType;
  readonly allowsMixedLiterals?: boolean;
}

/** Throws `CelCompileError`, also when the expression is of another type than the one that is wanted. */
export function compileCel(
  source: string,
  variables: Variables,
  { wanted, allowsMixedLiterals = false }: CelOptions = {},
): CelProgram {
  const checker = new Checker({ source, variables, functions: functionTable, allowsMixedLiterals });
  const root = checker.check(parseExpression(source));
  const type = checker.resolve(root.type);
  if (wanted !== undefined && formatType(type) !== formatType(wanted) && formatType(type) !== 'dyn') {
    const message = `must evaluate to ${formatType(wanted)}, not to ${formatType(type)}`;
    throw new CelCompileError(source, [{ offset: 0, message }]);
  }
  return {
    type,
    mentions: checker.mentioned,
    get maxCost() {
      return estimateCost(root, variables).cost;
    },
    evaluate(values, budget) {
      let scope: Scope | undefined;
      for (const [name, value] of values) scope = { name, value, outer: scope };
      return evaluate(root, scope, budget);
    },
  };
}
