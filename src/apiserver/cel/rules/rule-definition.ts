import type { OpenApiSchema } from '../../schema/open-api-schema.ts';

export const ruleReasons = [
  'FieldValueInvalid',
  'FieldValueForbidden',
  'FieldValueRequired',
  'FieldValueDuplicate',
] as const;

export type RuleReason = (typeof ruleReasons)[number];

/** One entry of `x-kubernetes-validations`. */
export interface RuleDefinition {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: RuleReason;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

export function rulesOfSchema(schema: OpenApiSchema): readonly RuleDefinition[] {
  return (schema['x-kubernetes-validations'] ?? []) as readonly RuleDefinition[]; // -- checked with the definition.
}
