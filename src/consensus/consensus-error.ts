export type ConsensusErrorCode =
  /** This member does not lead and could not reach the one that does. */
  | 'NotLeader'
  /** No majority of voters answers. */
  | 'NoQuorum'
  /** The revision asked for is older than the history that is kept. */
  | 'Compacted'
  /** The deadline passed before the request was sent to the database: nothing was written. */
  | 'Timeout'
  /** The request was sent, the answer lost: it may or may not have been written. */
  | 'Unknown'
  /** The caller's term is over: another member leads now. */
  | 'Fenced'
  /** A queue is full. */
  | 'Overloaded'
  /** The disks of too many voters are nearly full for a write that is no deletion: nothing was written. */
  | 'NoSpace'
  /** The store is shutting down. */
  | 'Closed';

/** The store cannot serve. A failed compare-and-set is not an error but a `Conflict` result. */
export class ConsensusError extends Error {
  override readonly name = 'ConsensusError';
  readonly code: ConsensusErrorCode;

  constructor(code: ConsensusErrorCode, doing: string, options?: ErrorOptions) {
    super(`[${code}] ${doing}`, options);
    this.code = code;
  }
}

export function isConsensusError(error: unknown, code?: ConsensusErrorCode): error is ConsensusError {
  return error instanceof ConsensusError && (code === undefined || error.code === code);
}
