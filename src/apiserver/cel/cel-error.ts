/** One thing that is wrong with the text of an expression, and where: an offset into the text. */
export interface CelProblem {
  readonly offset: number;
  readonly message: string;
}

/** The expression can never be evaluated. The message shows each problem below the line that it is in. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError';

  constructor(source: string, problems: readonly CelProblem[]) {
    super(problems.map((problem) => describeProblem(source, problem)).join('\n'));
  }
}

/** Evaluating went wrong for these values. Logical operators may still find an answer without the failed part. */
export class CelEvaluationError extends Error {
  override readonly name = 'CelEvaluationError';
}

/** The evaluation took too many steps; nothing catches this within an expression. */
export class CelBudgetError extends Error {
  override readonly name = 'CelBudgetError';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** The form of cel-go, which people know from kubectl: a position, the line, and dots that lead to the place. */
function describeProblem(source: string, { offset, message }: CelProblem): string {
  const before = source.slice(0, offset);
  const lineNumber = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1);
  const line = source.split('\n')[lineNumber - 1] ?? '';
  return `ERROR: <input>:${lineNumber}:${column + 1}: ${message}\n | ${line}\n | ${'.'.repeat(column)}^`;
}
