import { Agent, fetch as undiciFetch } from 'undici';
import { createRemoteJWKSet, customFetch, jwtVerify, type JWTPayload } from 'jose';
import { apiError } from '../../api/api-error.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { TokenIssuer } from './bearer-token.ts';
import { type User, authenticatedGroup } from './user.ts';

/** What an administrator says about the identity provider: `Cluster.spec.oidc`. */
export interface OidcSettings {
  readonly issuerURL: string;
  readonly clientID: string;
  /** Claim with the user's name; default `sub`. */
  readonly usernameClaim?: string;
  /** Put before the name; `-` is none. Default: the issuer and `#`, except for the claim `email`. */
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
  /** PEM; the authorities of the system when it is absent. */
  readonly caBundle?: string;
}

export interface OidcDeps {
  /** As they are now. */
  readonly settings: () => OidcSettings | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Keys = ReturnType<typeof createRemoteJWKSet>;

const answerMs = 5_000;
// Only signatures with a public key: a secret shared with the provider would be no proof of who signed.
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA'];
const reserved = 'system:';

/**
 * OpenID Connect ID tokens, as Kubernetes takes them. The provider's keys are fetched when a token asks for one that
 * is not known yet, and kept; while the provider is away, what is known goes on working.
 */
export function createOidcIssuer({ settings, clock, logger }: OidcDeps): TokenIssuer {
  const held: { for?: string; keys?: Promise<Keys> } = {};

  const keysOf = (current: OidcSettings): Promise<Keys> => {
    const identity = JSON.stringify([current.issuerURL, current.caBundle]);
    if (held.for !== identity || held.keys === undefined) {
      held.for = identity;
      held.keys = discoverKeys(current).catch((error: unknown) => {
        // The next token tries again; one answer that was lost must not lock everybody out.
        delete held.keys;
        throw error;
      });
    }
    return held.keys;
  };

  return {
    issuer: () => settings()?.issuerURL,
    async verify(token) {
      const current = settings();
      if (current === undefined) throw unauthorized();
      try {
        const { payload } = await jwtVerify(token, await keysOf(current), {
          algorithms,
          issuer: current.issuerURL,
          audience: current.clientID,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp'],
        });
        return userOf(payload, current);
      } catch (error) {
        logger.info({ issuer: current.issuerURL, reason: describeError(error) }, 'an ID token was refused');
        throw unauthorized();
      }
    },
  };
}

async function discoverKeys({ issuerURL, caBundle }: OidcSettings): Promise<Keys> {
  const dispatcher = new Agent({
    allowH2: false,
    connect: { ...(caBundle === undefined ? {} : { ca: caBundle }), timeout: answerMs },
  });
  const get = (url: string) => undiciFetch(url, { dispatcher, signal: AbortSignal.timeout(answerMs) });
  const url = `${issuerURL.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await get(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { issuer, jwks_uri: keysUrl } = (await response.json()) as { issuer?: string; jwks_uri?: string };
  if (issuer !== issuerURL || keysUrl === undefined) {
    throw new Error(`${url} is not the configuration of the issuer ${issuerURL}`);
  }
  return createRemoteJWKSet(new URL(keysUrl), {
    timeoutDuration: answerMs,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- undici's own Response has the same shape
    [customFetch]: (keys: string) => get(keys),
  });
}

/** Kubernetes' rules: a prefix unless none is wanted, an address only when the provider has verified it. */
export function userOf(payload: JWTPayload, settings: OidcSettings): User {
  const claim = settings.usernameClaim ?? 'sub';
  const given = payload[claim];
  if (typeof given !== 'string' || given === '') throw new Error(`the token has no claim ${claim}`);
  if (claim === 'email' && payload['email_verified'] === false)
    throw new Error('the address is not verified');
  const byDefault = claim === 'email' ? '-' : `${settings.issuerURL}#`;
  const prefix = settings.usernamePrefix ?? byDefault;
  const name = `${prefix === '-' ? '' : prefix}${given}`;
  const groups = groupsOf(payload, settings);
  const stolen = [name, ...groups].find((text) => text.startsWith(reserved));
  // What begins so is the cluster's own: a provider must not be able to hand it out.
  if (stolen !== undefined) throw new Error(`the token claims to be ${stolen}`);
  return { name, groups: [...groups, authenticatedGroup] };
}

function groupsOf(payload: JWTPayload, { groupsClaim, groupsPrefix = '' }: OidcSettings): readonly string[] {
  if (groupsClaim === undefined) return [];
  const groups = payload[groupsClaim];
  const list = typeof groups === 'string' ? [groups] : Array.isArray(groups) ? groups : [];
  return list.filter((group) => typeof group === 'string').map((group) => groupsPrefix + group);
}

function unauthorized(): Error {
  return apiError('Unauthorized', 'Unauthorized');
}
