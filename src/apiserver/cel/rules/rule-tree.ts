import type { OpenApiSchema } from '../../schema/open-api-schema.ts';
import { type CompiledRule, compileRule } from './compile-rule.ts';
import { rulesOfSchema } from './rule-definition.ts';
import { type ValueShape, dynamicShape, shapeOf } from './value-shape.ts';

/** The part of a schema that has rules, at the node itself or below. */
export interface RuleNode {
  readonly schema: OpenApiSchema;
  readonly shape: ValueShape;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly values?: RuleNode;
  readonly items?: RuleNode;
}

/** Undefined when there is no rule anywhere in the schema. */
export function buildRuleTree(schema: OpenApiSchema, isRoot = true): RuleNode | undefined {
  const { properties = {}, additionalProperties, items } = schema;
  const named = Object.entries(properties).flatMap(([key, child]) => {
    const node = buildRuleTree(child, false);
    return node === undefined ? [] : [[key, node] as const];
  });
  const values =
    typeof additionalProperties === 'object' ? buildRuleTree(additionalProperties, false) : undefined;
  const inItems = items === undefined ? undefined : buildRuleTree(items, false);
  const hasRules = rulesOfSchema(schema).length > 0;
  if (!hasRules && named.length === 0 && values === undefined && inItems === undefined) return undefined;
  const shape = (hasRules ? shapeOf(schema, isRoot) : undefined) ?? dynamicShape;
  return {
    schema,
    shape,
    rules: rulesOfSchema(schema).map((rule) => compileRule(rule, shape.type)),
    properties: new Map(named),
    ...(values === undefined ? {} : { values }),
    ...(inItems === undefined ? {} : { items: inItems }),
  };
}
