import { decodeJwt } from 'jose';
import { apiError } from '../../api/api-error.ts';
import { type AnyRequest, headerOf } from '../http/exchange.ts';
import { type ServiceAccountTokens, serviceAccountIssuer } from './service-account-tokens.ts';
import type { User } from './user.ts';

/** Says who a token of its issuer stands for; undefined when it is of another issuer. Throws `Unauthorized`. */
export interface TokenIssuer {
  readonly issuer: () => string | undefined;
  verify(token: string): Promise<User>;
}

export type TokenAuthenticator = (token: string) => Promise<User>;

/** Asks the issuer that a token names, and no other: a slow one delays only its own users. */
export function createTokenAuthenticator(
  serviceAccounts: ServiceAccountTokens,
  others: readonly TokenIssuer[],
): TokenAuthenticator {
  const issuers: readonly TokenIssuer[] = [
    { issuer: () => serviceAccountIssuer, verify: (token) => serviceAccounts.verify(token) },
    ...others,
  ];
  return async (token) => {
    const named = issuerOf(token);
    const issuer = issuers.find((one) => named !== undefined && one.issuer() === named);
    if (issuer === undefined) throw apiError('Unauthorized', 'Unauthorized');
    return issuer.verify(token);
  };
}

/** Not believed: it only says whom to ask. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** The token of the request; undefined when it has no `Authorization` header. Another scheme is no credential. */
export function bearerTokenOf(request: AnyRequest): string | undefined {
  const header = headerOf(request, 'authorization');
  if (header === undefined) return undefined;
  const token = /^Bearer +(\S+)$/i.exec(header.trim())?.[1];
  if (token === undefined) throw apiError('Unauthorized', 'Unauthorized');
  return token;
}
