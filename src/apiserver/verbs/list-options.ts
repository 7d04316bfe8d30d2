import { apiError } from '../../api/api-error.ts';
import { isTrue } from '../http/request-info.ts';
import { fieldCause } from '../schema/field-cause.ts';
import { type ContinueToken, parseContinueToken } from './continue-token.ts';
import { parseResourceVersion } from './read-revision.ts';
import { invalidOptions } from './write-options.ts';

export interface ListOptions {
  readonly limit: number | undefined;
  readonly token: ContinueToken | undefined;
  /** Undefined asks for the newest state. */
  readonly revision: number | undefined;
  /** The answer has to show exactly `revision`. */
  readonly isExact: boolean;
}

const matches = ['Exact', 'NotOlderThan'];

export function parseListOptions(query: URLSearchParams): ListOptions {
  const limit = parseCount(query.get('limit'), 'limit');
  const revision = parseResourceVersion(query.get('resourceVersion'));
  const continueText = query.get('continue') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  checkMatch({ match, revision, hasToken: continueText !== '' });
  if (query.has('sendInitialEvents')) {
    throw refuse(fieldCause.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (continueText !== '' && revision !== undefined && revision !== 0) {
    throw apiError('BadRequest', 'specifying resource version is not allowed when using continue');
  }
  const isLegacyExact = match === '' && limit !== undefined && revision !== undefined && revision !== 0;
  return {
    limit,
    revision,
    token: continueText === '' ? undefined : parseContinueToken(continueText),
    isExact: match === 'Exact' || isLegacyExact,
  };
}

function checkMatch(given: { match: string; revision: number | undefined; hasToken: boolean }): void {
  const { match, revision, hasToken } = given;
  if (match === '') return;
  const field = 'resourceVersionMatch';
  if (hasToken)
    throw refuse(fieldCause.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  if (revision === undefined) {
    throw refuse(
      fieldCause.forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  }
  if (!matches.includes(match)) throw refuse(fieldCause.notSupported(field, match, matches));
  if (match === 'Exact' && revision === 0) {
    throw refuse(
      fieldCause.forbidden(field, 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'),
    );
  }
}

/** A positive number, or undefined: 0 and negative limits mean none. */
function parseCount(text: string | null, name: string): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) {
    throw apiError('BadRequest', `strconv.ParseInt: parsing "${text}": invalid syntax in ${name}`);
  }
  const count = Number(text);
  return count > 0 ? count : undefined;
}

export interface WatchOptions {
  /** Deliver changes after this one; undefined or 0 sends the present state first. */
  readonly revision: number | undefined;
  readonly sendsInitialEvents: boolean;
  readonly allowsBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

export function parseWatchOptions(query: URLSearchParams): WatchOptions {
  const revision = parseResourceVersion(query.get('resourceVersion'));
  const initial = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (initial !== null && match !== 'NotOlderThan') {
    const problem = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw refuse(fieldCause.forbidden('resourceVersionMatch', problem));
  }
  if (initial === null && match !== '') {
    const problem = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    throw refuse(fieldCause.forbidden('resourceVersionMatch', problem));
  }
  return {
    revision,
    sendsInitialEvents: initial === null ? revision === undefined || revision === 0 : isTrue(initial),
    allowsBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: parseCount(query.get('timeoutSeconds'), 'timeoutSeconds'),
  };
}

function refuse(cause: ReturnType<typeof fieldCause.forbidden>): Error {
  return invalidOptions('ListOptions', cause);
}
