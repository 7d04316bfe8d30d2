import { OperatorError } from '../operator-error.ts';

/** The cluster goes on without this member: starting it again changes nothing, so it has an exit code of its own. */
export class ExpelledError extends OperatorError {
  static readonly exitCode = 3;
  /** The cluster has let this member go in order: its host may be made clean without asking anybody. */
  readonly isReleased: boolean;

  constructor(message: string, isReleased = false) {
    super(message);
    this.isReleased = isReleased;
  }
}

export function explainExpulsion(because: string, dataDir: string): string {
  return (
    `this member can neither vote nor serve: ${because}. To bring this host back, make it clean with ` +
    `"musterd reset --yes --data-dir ${dataDir}" (or move ${dataDir} away, which keeps what it holds), and join ` +
    'with a token of the cluster ("muster cluster add NAME" there, "musterd join" here)'
  );
}
