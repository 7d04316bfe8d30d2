import { apiError } from '../../api/api-error.ts';
import { isJsonObject } from '../schema/json-object.ts';

/** Where a list goes on: after which key, and in the state of which revision. */
export interface ContinueToken {
  /** -1 asks for the newest state: the snapshot that the list began with is gone. */
  readonly revision: number;
  /** Key of the last object of the page before, without the prefix of the list. */
  readonly after: string;
}

const tokenVersion = 'muster/v1';

export function formatContinueToken({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, after })).toString('base64url');
}

export function parseContinueToken(text: string): ContinueToken {
  const token = decode(text);
  if (!isJsonObject(token) || token['v'] !== tokenVersion) throw invalidToken('it is not one of ours');
  const { rv, after } = token;
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || typeof after !== 'string') {
    throw invalidToken('it is incomplete');
  }
  // The key may come from anyone: it must stay below the prefix that the request was authorized for.
  if (after === '' || after.split('/').some((segment) => segment === '..'))
    throw invalidToken('the key is bad');
  return { revision: rv, after };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    // Whatever the parser found wrong, to the client it is only a token that we did not make.
    return undefined;
  }
}

function invalidToken(problem: string): Error {
  return apiError('BadRequest', `invalid continue token: ${problem}`);
}
