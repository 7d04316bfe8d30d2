import { createHash, X509Certificate } from 'node:crypto';
import type { Secret } from '../api/builtin.ts';
import { systemNamespace } from '../api/names.ts';
import type { ObjectName } from '../api/resource.ts';

/** What the cluster keeps of a join token: enough to recognise it, not enough to use it. */
export interface StoredJoinToken {
  readonly memberName: string;
  /** SHA-256 over the secret's text, lower-case hex. */
  readonly secretSha256: string;
  /** RFC 3339; empty: it never expires. */
  readonly expiresAt: string;
  /** SHA-256 of the authority's certificate that the token names; those of earlier releases do not say. */
  readonly authoritySha256?: string;
  /** Public key of the host that has presented the token: nobody else may use it any more. */
  readonly claimedBy?: string;
  /** The token itself, where a Member was applied and somebody has to find it; gone once it is used. */
  readonly token?: string;
}

export const joinTokenSecretType = 'muster.dev/join-token';
export const joinTokenLabel = 'muster.dev/join-token';

/** One name per member: a second token takes the place of the first. */
export function nameJoinTokenSecret(memberName: string): ObjectName & { readonly namespace: string } {
  return { namespace: systemNamespace, name: `join-token-${memberName}` };
}

export function buildJoinTokenSecret(token: StoredJoinToken): Secret {
  const { memberName, secretSha256, expiresAt, authoritySha256, claimedBy, token: text } = token;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...nameJoinTokenSecret(memberName), labels: { [joinTokenLabel]: 'true' } },
    type: joinTokenSecretType,
    data: {
      memberName: encode(memberName),
      secretSha256: encode(secretSha256),
      expiresAt: encode(expiresAt),
      ...(authoritySha256 === undefined ? {} : { authoritySha256: encode(authoritySha256) }),
      ...(claimedBy === undefined ? {} : { claimedBy: encode(claimedBy) }),
      ...(text === undefined || claimedBy !== undefined ? {} : { token: encode(text) }),
    },
  };
}

/** Undefined when somebody has put another Secret in its place. */
export function parseJoinTokenSecret({ type, data = {} }: Secret): StoredJoinToken | undefined {
  const { memberName, secretSha256, expiresAt, authoritySha256, claimedBy } = data;
  if (type !== joinTokenSecretType || memberName === undefined || secretSha256 === undefined)
    return undefined;
  return {
    memberName: decode(memberName),
    secretSha256: decode(secretSha256),
    expiresAt: decode(expiresAt ?? ''),
    ...(authoritySha256 === undefined ? {} : { authoritySha256: decode(authoritySha256) }),
    ...(claimedBy === undefined ? {} : { claimedBy: decode(claimedBy) }),
  };
}

/** A token that names an authority which was exchanged since is void: whoever had its key may have seen it. */
export function isOfAuthority(
  { authoritySha256 }: Pick<StoredJoinToken, 'authoritySha256'>,
  certPem: string,
): boolean {
  return authoritySha256 === undefined || authoritySha256 === authorityFingerprint(certPem);
}

/** SHA-256 of the first certificate (DER), lower-case hex. */
export function authorityFingerprint(certPem: string): string {
  return createHash('sha256').update(new X509Certificate(certPem).raw).digest('hex');
}

export function hashJoinSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
