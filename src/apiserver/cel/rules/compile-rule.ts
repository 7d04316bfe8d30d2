import { type CelProgram, compileCel } from '../cel-program.ts';
import { type CelType, type Variables, celTypes, optionalOf } from '../cel-type.ts';
import type { RuleDefinition } from './rule-definition.ts';

export interface CompiledRule {
  readonly definition: RuleDefinition;
  readonly program: CelProgram;
  /** Builds the message, where the author wants more than a fixed one. */
  readonly message?: CelProgram;
  /** The rule compares with the value before: it only runs on updates, unless `oldSelf` may be absent. */
  readonly isTransition: boolean;
}

/** Throws `CelCompileError`. */
export function compileRule(definition: RuleDefinition, self: CelType): CompiledRule {
  const variables = variablesOf(definition, self);
  const program = compileCel(definition.rule, variables, { wanted: celTypes.bool });
  const { messageExpression } = definition;
  const message =
    messageExpression === undefined ? undefined : compileMessage(messageExpression, definition, self);
  return {
    definition,
    program,
    ...(message === undefined ? {} : { message }),
    isTransition: program.mentions.has('oldSelf'),
  };
}

export function compileMessage(expression: string, definition: RuleDefinition, self: CelType): CelProgram {
  return compileCel(expression, variablesOf(definition, self), { wanted: celTypes.string });
}

function variablesOf({ optionalOldSelf }: RuleDefinition, self: CelType): Variables {
  return new Map([
    ['self', self],
    ['oldSelf', optionalOldSelf === true ? optionalOf(self) : self],
  ]);
}
