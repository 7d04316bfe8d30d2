import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../../schema/field-cause.ts';
import { childPath, indexPath } from '../../schema/field-path.ts';
import { isJsonObject, ownProperty } from '../../schema/json-object.ts';
import { CelBudget } from '../cel-budget.ts';
import { CelBudgetError, CelEvaluationError } from '../cel-error.ts';
import { CelOptional, type CelValue, absent } from '../cel-value.ts';
import type { CompiledRule } from './compile-rule.ts';
import { findOldItem } from './correlate.ts';
import type { RuleNode } from './rule-tree.ts';

/** As in Kubernetes: for one rule at one place, and for all of an object. */
const maxStepsPerRule = 1_000_000;
const maxStepsPerObject = 10_000_000;
const maxMessageLength = 5 * 1024;

/** What the rules have against the object. `stored` is what it replaces, for rules that compare. */
export function runRules(root: RuleNode, object: unknown, stored: unknown): StatusCause[] {
  const run: Run = { remaining: maxStepsPerObject, causes: [] };
  visit({ node: root, value: object, old: stored, path: '' }, run);
  return run.causes;
}

interface Run {
  /** Negative when the budget of the object is used up, and nothing more is run. */
  remaining: number;
  readonly causes: StatusCause[];
}

interface Place {
  readonly node: RuleNode;
  readonly value: unknown;
  /** Undefined where nothing was, and where nobody can tell what it was. */
  readonly old: unknown;
  readonly path: string;
}

function visit(place: Place, run: Run): void {
  const { node, value, path } = place;
  // Whatever is null counts as absent.
  if (value === null || value === undefined) return;
  runOwnRules(place, run);
  if (Array.isArray(value)) visitItems(place, value, run);
  if (!isJsonObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const named = node.properties.get(key);
    const child = named ?? node.values;
    if (child === undefined) continue;
    const memberPath = named === undefined ? `${path}[${key}]` : childPath(path, key);
    const old = isJsonObject(place.old) ? ownProperty(place.old, key) : undefined;
    visit({ node: child, value: member, old, path: memberPath }, run);
  }
}

function visitItems({ node, old, path }: Place, items: readonly unknown[], run: Run): void {
  const { items: child } = node;
  if (child === undefined) return;
  for (const [index, item] of items.entries()) {
    visit(
      { node: child, value: item, old: findOldItem(node.schema, item, old), path: indexPath(path, index) },
      run,
    );
  }
}

function runOwnRules({ node, value, old, path }: Place, run: Run): void {
  if (node.rules.length === 0) return;
  const isUnchanged = old !== undefined && isDeepStrictEqual(old, value);
  const self = node.shape.convert(value);
  const oldSelf = old === undefined || old === null ? undefined : node.shape.convert(old);
  for (const rule of node.rules) {
    if (run.remaining < 0) return;
    // A rule that is stricter than the one of yesterday must not freeze what nobody has touched.
    if (isUnchanged && !rule.isTransition) continue;
    const values = valuesFor(rule, self, oldSelf);
    if (values !== undefined) run.causes.push(...runRule(rule, { values, path, node }, run));
  }
}

function valuesFor(
  { definition, isTransition }: CompiledRule,
  self: CelValue,
  oldSelf: CelValue | undefined,
): ReadonlyMap<string, CelValue> | undefined {
  if (!isTransition) return new Map([['self', self]]);
  if (definition.optionalOldSelf === true) {
    const old = oldSelf === undefined ? absent : new CelOptional(oldSelf);
    return new Map([
      ['self', self],
      ['oldSelf', old],
    ]);
  }
  return oldSelf === undefined
    ? undefined
    : new Map([
        ['self', self],
        ['oldSelf', oldSelf],
      ]);
}

interface RuleInput {
  readonly values: ReadonlyMap<string, CelValue>;
  readonly path: string;
  readonly node: RuleNode;
}

function runRule(rule: CompiledRule, input: RuleInput, run: Run): StatusCause[] {
  const granted = Math.min(maxStepsPerRule, run.remaining);
  const budget = new CelBudget(granted);
  try {
    const isHeld = rule.program.evaluate(input.values, budget) === true;
    return isHeld ? [] : [describeBroken(rule, input, budget)];
  } catch (error) {
    if (error instanceof CelBudgetError) return [describeExhausted(rule, input, run, granted)];
    if (!(error instanceof CelEvaluationError)) throw error;
    return [invalid(input, describeFailure(rule, error))];
  } finally {
    run.remaining -= granted - Math.max(0, budget.remaining);
  }
}

function describeFailure({ definition }: CompiledRule, { message }: CelEvaluationError): string {
  if (!message.startsWith('no such overload')) return `${message} evaluating rule: ${textOf(definition)}`;
  const problem = 'call arguments did not match a supported operator, function or macro signature';
  return `'${message}': ${problem} for rule: ${textOf(definition)}`;
}

function describeExhausted(
  { definition }: CompiledRule,
  input: RuleInput,
  run: Run,
  granted: number,
): StatusCause {
  if (granted < maxStepsPerRule) {
    run.remaining = -1;
    const message =
      'validation failed due to running out of cost budget, no further validation rules will be run';
    return invalid(input, message);
  }
  const problem = 'no further validation rules will be run due to call cost exceeds limit for rule';
  return invalid(input, `'${new CelBudgetError().message}': ${problem}: ${textOf(definition)}`);
}

function describeBroken(rule: CompiledRule, input: RuleInput, budget: CelBudget): StatusCause {
  const { definition } = rule;
  const detail =
    buildMessage(rule, input, budget) ?? definition.message ?? `failed rule: ${definition.rule.trim()}`;
  const field = joinFieldPath(input.path, definition.fieldPath);
  switch (definition.reason ?? 'FieldValueInvalid') {
    case 'FieldValueForbidden':
      return fieldCause.forbidden(field, detail);
    case 'FieldValueRequired':
      return fieldCause.required(field, detail);
    case 'FieldValueDuplicate':
      return fieldCause.duplicate(field, input.node.schema.type ?? '');
    case 'FieldValueInvalid':
      return fieldCause.invalid(field, input.node.schema.type ?? '', detail);
  }
}

/** A message that cannot be built gives way to the fixed one. */
function buildMessage(
  { message }: CompiledRule,
  { values }: RuleInput,
  budget: CelBudget,
): string | undefined {
  if (message === undefined) return undefined;
  try {
    const text = message.evaluate(values, budget);
    const isUsable = typeof text === 'string' && text.trim() !== '' && text.length <= maxMessageLength;
    return isUsable && !/[\r\n]/u.test(text) ? text.trim() : undefined;
  } catch (error) {
    if (error instanceof CelEvaluationError || error instanceof CelBudgetError) return undefined;
    throw error;
  }
}

function invalid({ path, node }: RuleInput, detail: string): StatusCause {
  return fieldCause.invalid(path === '' ? '<nil>' : path, node.schema.type ?? '', detail);
}

function textOf({ message, rule }: CompiledRule['definition']): string {
  return message ?? rule.trim();
}

/** `.spec['a.b']` is relative to where the rule stands. */
function joinFieldPath(path: string, fieldPath = ''): string {
  const relative = fieldPath.replaceAll(/\['([^']*)'\]/gu, '.$1');
  const joined = path === '' ? relative.replace(/^\./u, '') : `${path}${relative}`;
  return joined === '' ? '<nil>' : joined;
}
