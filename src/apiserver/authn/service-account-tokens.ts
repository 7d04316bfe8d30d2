import { hkdfSync, randomUUID } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import { apiError } from '../../api/api-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { StoreReader } from '../../consensus/store/store.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { storageKey, storagePrefix } from '../registry/storage-key.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { type User, authenticatedGroup } from './user.ts';

export const serviceAccountIssuer = 'https://kubernetes.default.svc';

export interface TokenRequest {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The token ends with this object. */
  readonly boundSecret?: { readonly name: string; readonly uid: string };
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface ServiceAccountTokens {
  issue(request: TokenRequest): Promise<IssuedToken>;
  /** Who the token says, while the ServiceAccount is there; throws `Unauthorized`. */
  verify(token: string, audiences?: readonly string[]): Promise<User>;
}

interface Claims {
  readonly namespace: string;
  readonly serviceaccount: { readonly name: string; readonly uid: string };
  readonly secret?: { readonly name: string; readonly uid: string };
}

/**
 * Only the cluster's own API servers issue and read these tokens, so that one secret does for both. It is derived
 * from the key of the cluster's authority, which every member has: RFC 5869.
 */
export function deriveTokenKey(authorityKeyPem: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', authorityKeyPem, '', 'muster service account tokens', 32));
}

const prefixes = {
  secrets: storagePrefix('', 'secrets'),
  serviceAccounts: storagePrefix('', 'serviceaccounts'),
};

/** The first key signs, and each of them counts: there is a second one while the authority is exchanged. */
export type TokenKeys = () => readonly [Uint8Array, ...Uint8Array[]];

/** Tokens in Kubernetes' form. They are revoked by deleting what they are bound to: nothing else is stored. */
export function createServiceAccountTokens(
  keys: TokenKeys,
  { store, clock }: { readonly store: StoreReader; readonly clock: Clock },
): ServiceAccountTokens {
  return {
    async issue({ namespace, name, uid, audiences, expirationSeconds, boundSecret }) {
      const nowSeconds = Math.floor(clock.now() / 1_000);
      const claims: Claims = {
        namespace,
        serviceaccount: { name, uid },
        ...(boundSecret === undefined ? {} : { secret: boundSecret }),
      };
      const token = await new SignJWT({ 'kubernetes.io': claims })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(serviceAccountIssuer)
        .setSubject(`system:serviceaccount:${namespace}:${name}`)
        .setAudience(audiences.length === 0 ? [serviceAccountIssuer] : [...audiences])
        .setJti(randomUUID())
        .setIssuedAt(nowSeconds)
        .setNotBefore(nowSeconds)
        .setExpirationTime(nowSeconds + expirationSeconds)
        .sign(keys()[0]);
      return { token, expiresAtMs: (nowSeconds + expirationSeconds) * 1_000 };
    },

    async verify(token, audiences = [serviceAccountIssuer]) {
      const claims = await readClaims(token, keys(), audiences, clock);
      const { namespace, serviceaccount, secret } = claims;
      if (!isThere(store, prefixes.serviceAccounts, namespace, serviceaccount)) throw unauthorized();
      if (secret !== undefined && !isThere(store, prefixes.secrets, namespace, secret)) throw unauthorized();
      return {
        name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
        uid: serviceaccount.uid,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
      };
    },
  };
}

async function readClaims(
  token: string,
  keys: readonly Uint8Array[],
  audiences: readonly string[],
  clock: Clock,
): Promise<Claims> {
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        issuer: serviceAccountIssuer,
        audience: [...audiences],
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub', 'kubernetes.io'],
      });
      return payload['kubernetes.io'] as Claims; // signed by us
    } catch {
      // Another key may have signed it.
    }
  }
  // The same words for every cause: who tries tokens learns nothing.
  throw unauthorized();
}

/** The very object, and not a later one of the same name, nor one that is being deleted. */
function isThere(
  store: StoreReader,
  prefix: string,
  namespace: string,
  { name, uid }: { readonly name: string; readonly uid: string },
): boolean {
  const entry = store.get(storageKey(prefix, { namespace, name }));
  if (entry === undefined) return false;
  const metadata = metadataOf(decodeStoredJson(entry.value) as JsonObject);
  return metadata.uid === uid && metadata.deletionTimestamp === undefined;
}

function unauthorized(): Error {
  return apiError('Unauthorized', 'Unauthorized');
}
