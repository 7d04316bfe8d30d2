import { type Status, apiError, isApiError } from '../../api/api-error.ts';
import { DeadlineError } from '../../base/deadline.ts';
import { type ConsensusError, isConsensusError } from '../../consensus/consensus-error.ts';

/** What the client is told about an error; undefined when the error is a bug of ours. */
export function statusOfError(error: unknown): Status | undefined {
  if (isApiError(error)) return error.status;
  if (isConsensusError(error)) return statusOfConsensusError(error);
  if (error instanceof DeadlineError) {
    const message = 'Timeout: the request did not complete within its deadline';
    return apiError('Timeout', message, { retryAfterSeconds: 1 }).status;
  }
  return undefined;
}

function statusOfConsensusError(error: ConsensusError): Status {
  const retry = { retryAfterSeconds: 1 };
  switch (error.code) {
    case 'Compacted':
      return apiError('Expired', 'The resourceVersion for the provided list is too old.').status;
    case 'Fenced':
      return apiError('Conflict', 'the term that this write belongs to is over: another member leads').status;
    case 'Unknown':
      // The write may have happened, so the client has to look before it repeats the request.
      return apiError('Timeout', `the outcome of the write is not known: ${error.message}`).status;
    case 'Timeout':
      return apiError('Timeout', `Timeout: the store did not answer in time: ${error.message}`, retry).status;
    case 'Overloaded':
      return apiError('TooManyRequests', `the store has too much to do: ${error.message}`, retry).status;
    case 'NoSpace':
      return apiError('InsufficientStorage', `the store has no room: ${error.message}`).status;
    case 'Closed':
    case 'NoQuorum':
    case 'NotLeader':
      return apiError('ServiceUnavailable', `the store cannot serve: ${error.message}`, retry).status;
  }
}

export function internalError(auditId: string): Status {
  const message = `Internal error occurred: see the log of this member for audit id ${auditId}`;
  return apiError('InternalError', message).status;
}
