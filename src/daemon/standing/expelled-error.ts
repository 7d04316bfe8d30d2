import { OperatorError } from '../operator-error.ts';

/** The cluster goes on without this member: starting it again changes nothing, so it has an exit code of its own. */
export class ExpelledError extends OperatorError {
  static readonly exitCode = 3;
  readonly because: string;
  /** The cluster has let this member go in order: its host may be made clean without asking anybody. */
  readonly isReleased: boolean;

  /** `advice` says how the host can come back. */
  constructor(because: string, advice: string, isReleased = false) {
    super(`this member can neither vote nor serve: ${because}. ${advice}`);
    this.because = because;
    this.isReleased = isReleased;
  }
}

export function adviseReset(dataDir: string): string {
  return (
    `To bring this host back, make it clean with "musterd reset --yes --data-dir ${dataDir}" (or move ${dataDir} ` +
    'away, which keeps what it holds), and join with a token of the cluster ("muster cluster add NAME" there, ' +
    '"musterd join" here)'
  );
}
