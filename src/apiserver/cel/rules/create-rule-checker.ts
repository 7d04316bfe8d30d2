import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../../schema/field-cause.ts';
import type { OpenApiSchema } from '../../schema/open-api-schema.ts';
import { CelCompileError } from '../cel-error.ts';
import { type RuleNode, buildRuleTree } from './rule-tree.ts';
import { runRules } from './run-rules.ts';

/** What the rules of a schema have against an object, in which `found` is wrong already. */
export type RuleChecker = (object: unknown, stored: unknown, found: readonly StatusCause[]) => StatusCause[];

/** Rules rely on the types of the schema; a number that is merely too big does not disturb them. */
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
/** Cheap to call: rules are compiled when the first object is checked. */
export function createRuleChecker(schema: OpenApiSchema): RuleChecker {
  let compiled: { readonly tree: RuleNode | undefined } | undefined;
  return (object, stored, found) => {
    try {
      compiled ??= { tree: buildRuleTree(schema) };
    } catch (error) {
      // Only a definition that an older release has stored can get here: it must not be taken for one without rules.
      if (!(error instanceof CelCompileError)) throw error;
      return [fieldCause.invalid('<nil>', null, `rule compile error: ${error.message}`)];
    }
    const isBlocked = found.some(({ reason }) => blocking.has(reason));
    return compiled.tree === undefined || isBlocked ? [] : runRules(compiled.tree, object, stored);
  };
}
