import { OperatorError } from '../operator-error.ts';

/** The cluster goes on without this member: starting it again changes nothing, so it has an exit code of its own. */
export class ExpelledError extends OperatorError {
  static readonly exitCode = 3;

  constructor(because: string, dataDir: string) {
    super(
      `this member can neither vote nor serve: ${because}. To bring this host back, move ${dataDir} away and join ` +
        'with a token of the cluster ("musterd token NAME" on a member, "musterd join" here)',
    );
  }
}
