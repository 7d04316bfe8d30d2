import type { StatusCause } from '../../../api/api-error.ts';
import { childSchema } from '../../schema/child-schema.ts';
import { fieldCause } from '../../schema/field-cause.ts';
import type { OpenApiSchema } from '../../schema/open-api-schema.ts';
import { CelCompileError } from '../cel-error.ts';
import type { CelProgram } from '../cel-program.ts';
import { type CompiledRule, compileMessage, compileRule } from './compile-rule.ts';
import { canCorrelateItems, canCorrelateMembers } from './correlate.ts';
import { type RuleDefinition, ruleReasons, rulesOfSchema } from './rule-definition.ts';
import { maxSizeOf } from './size-limits.ts';
import { dynamicShape, shapeOf } from './value-shape.ts';

/** As in Kubernetes: for one rule, and for all rules of a schema. */
const maxRuleCost = 10_000_000;
const maxSchemaCost = 100_000_000;

/** What is wrong with the rules of a schema, which is structural. Each is a rule that could never do its work. */
export function checkRules(schema: OpenApiSchema, path: string): StatusCause[] {
  const total: Total = { cost: 0 };
  const causes = visit({ schema, path, isRoot: true, count: 1 }, total);
  if (total.cost <= maxSchemaCost) return causes;
  const factor = describeFactor(total.cost / maxSchemaCost);
  const message = `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${factor}`;
  return [...causes, fieldCause.forbidden(path, `${message} (${advice})`)];
}

const advice =
  'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';

interface Total {
  cost: number;
}

interface Node {
  readonly schema: OpenApiSchema;
  readonly path: string;
  readonly isRoot: boolean;
  /** How many values of the node one object can have at most. */
  readonly count: number;
  /** The list or map in which nobody can say what a value was before. */
  readonly uncorrelated?: string;
}

function visit(node: Node, total: Total): StatusCause[] {
  const { schema } = node;
  const own = rulesOfSchema(schema).flatMap((rule, index) =>
    checkRule(rule, `${node.path}.x-kubernetes-validations[${index}]`, node, total),
  );
  return [...own, ...childrenOf(node).flatMap((child) => visit(child, total)), ...checkBranches(node)];
}

function childrenOf({ schema, path, count, uncorrelated }: Node): Node[] {
  const { properties = {}, additionalProperties, items } = schema;
  const lost = (isKept: boolean): Pick<Node, 'uncorrelated'> => {
    const place = uncorrelated ?? (isKept ? undefined : path);
    return place === undefined ? {} : { uncorrelated: place };
  };
  const inObject = { isRoot: false, ...lost(canCorrelateMembers(schema)) };
  const many = count * maxSizeOf(schema);
  return [
    ...Object.entries(properties).map(([key, child]) => ({
      ...inObject,
      schema: child,
      path: `${path}.properties[${key}]`,
      count,
    })),
    ...(typeof additionalProperties === 'object'
      ? [{ ...inObject, schema: additionalProperties, path: `${path}.additionalProperties`, count: many }]
      : []),
    ...(items === undefined
      ? []
      : [
          {
            schema: items,
            path: `${path}.items`,
            isRoot: false,
            count: many,
            ...lost(canCorrelateItems(schema)),
          },
        ]),
  ];
}

/** Branches only restrict values; rules belong to the tree outside of them. */
function checkBranches({ schema, path }: Node): StatusCause[] {
  const branches = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).map((branch, index) => ({
      schema: branch,
      path: `${path}.${keyword}[${index}]`,
    })),
  );
  const negated = schema.not === undefined ? [] : [{ schema: schema.not, path: `${path}.not` }];
  return [...branches, ...negated].flatMap((branch) => [
    ...(rulesOfSchema(branch.schema).length === 0
      ? []
      : [fieldCause.forbidden(`${branch.path}.x-kubernetes-validations`, 'must be empty to be structural')]),
    ...checkBranches({ ...branch, isRoot: false, count: 1 }),
  ]);
}

function checkRule(rule: RuleDefinition, path: string, node: Node, total: Total): StatusCause[] {
  if (typeof rule.rule !== 'string' || rule.rule.trim() === '') {
    return [fieldCause.required(`${path}.rule`, 'rule is not specified')];
  }
  const compiled = tryCompile(rule, path, node);
  if (Array.isArray(compiled)) return [...checkTexts(rule, path, node), ...compiled];
  return [
    ...checkTexts(rule, path, node),
    ...checkTransition(compiled, path, node),
    ...checkCost(compiled.program, `${path}.rule`, node, total),
    ...(compiled.message === undefined
      ? []
      : checkCost(compiled.message, `${path}.messageExpression`, node, total)),
  ];
}

function tryCompile(rule: RuleDefinition, path: string, node: Node): CompiledRule | StatusCause[] {
  const self = (shapeOf(node.schema, node.isRoot) ?? dynamicShape).type;
  const { messageExpression, ...plain } = rule;
  const refused: StatusCause[] = [];
  const attempt = <T>(key: string, text: string, compile: () => T): T | undefined => {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      refused.push(fieldCause.invalid(`${path}.${key}`, text, `compilation failed: ${error.message}`));
      return undefined;
    }
  };
  const compiled = attempt('rule', rule.rule, () => compileRule(plain, self));
  const message =
    messageExpression === undefined
      ? undefined
      : attempt('messageExpression', messageExpression, () => compileMessage(messageExpression, rule, self));
  if (compiled === undefined || refused.length > 0) return refused;
  return message === undefined ? compiled : { ...compiled, message };
}

function checkTexts(rule: RuleDefinition, path: string, { schema }: Node): StatusCause[] {
  const { message, reason, fieldPath } = rule;
  const isMultiline = message !== undefined && /[\r\n]/u.test(message);
  return [
    ...(message !== undefined && message.trim() === ''
      ? [fieldCause.invalid(`${path}.message`, message, 'message must be non-empty if specified')]
      : []),
    ...(isMultiline
      ? [fieldCause.invalid(`${path}.message`, message, 'message must not contain line breaks')]
      : []),
    ...(message === undefined && rule.rule.includes('\n')
      ? [fieldCause.required(`${path}.message`, 'message must be specified if rule contains line breaks')]
      : []),
    ...(reason === undefined || ruleReasons.includes(reason)
      ? []
      : [fieldCause.notSupported(`${path}.reason`, reason, ruleReasons)]),
    ...(fieldPath === undefined || isFieldPath(schema, fieldPath)
      ? []
      : [fieldCause.invalid(`${path}.fieldPath`, fieldPath, 'fieldPath must be a valid path')]),
  ];
}

const pathPart = /\.([A-Za-z0-9_$/-]+)|\['([^']+)'\]/guy;

/** `.spec.replicas` and `.labels['a.b']`: fields that the schema knows, outside of lists. */
function isFieldPath(schema: OpenApiSchema, fieldPath: string): boolean {
  const parts = [...fieldPath.matchAll(pathPart)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== fieldPath) return false;
  let node: OpenApiSchema | undefined = schema;
  for (const [, dotted, quoted] of parts) {
    node = node === undefined ? undefined : childSchema(node, dotted ?? quoted ?? '');
  }
  return node !== undefined;
}

function checkTransition(rule: CompiledRule, path: string, { uncorrelated }: Node): StatusCause[] {
  const { definition, isTransition } = rule;
  if (!isTransition) {
    if (definition.optionalOldSelf === undefined) return [];
    const detail = 'may not be set if oldSelf is not used in rule';
    return [fieldCause.invalid(`${path}.optionalOldSelf`, definition.optionalOldSelf, detail)];
  }
  if (uncorrelated === undefined) return [];
  const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
  return [fieldCause.invalid(`${path}.rule`, definition.rule, detail)];
}

function checkCost(program: CelProgram, path: string, { count }: Node, total: Total): StatusCause[] {
  const cost = program.maxCost * count;
  total.cost += cost;
  if (cost <= maxRuleCost) return [];
  const factor = describeFactor(cost / maxRuleCost);
  return [
    fieldCause.forbidden(path, `estimated rule cost exceeds budget by factor of ${factor} (${advice})`),
  ];
}

function describeFactor(factor: number): string {
  return factor > 100 ? 'more than 100x' : `${factor.toFixed(1)}x`;
}
