import { timingSafeEqual } from 'node:crypto';
import { apiError, isApiError } from '../../api/api-error.ts';
import { secrets, type Secret } from '../../api/builtin.ts';
import type { Clock } from '../../base/clock.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import {
  buildJoinTokenSecret,
  hashJoinSecret,
  isOfAuthority,
  nameJoinTokenSecret,
  parseJoinTokenSecret,
  type StoredJoinToken,
} from '../../runtime/join-token-secret.ts';

export interface TokenClaimDeps {
  readonly authority: { readonly certPem: string };
  readonly clusterApi: Pick<ClusterApi, 'delete' | 'get' | 'update'>;
  readonly clock: Clock;
}

export interface PresentedToken {
  readonly name: string;
  readonly secret: string;
  /** Public key of the host that presents it. */
  readonly publicKeySha256: string;
}

interface FoundToken {
  readonly stored: Secret;
  readonly token: StoredJoinToken;
}

/**
 * Looks the token up and refuses a wrong one. What it finds is not used up: the caller checks everything else
 * first, so that a host that cannot join for another reason keeps its token.
 */
export async function findToken(
  { clusterApi, authority }: Omit<TokenClaimDeps, 'clock'>,
  presented: PresentedToken,
  signal: AbortSignal,
): Promise<FoundToken> {
  const stored = await clusterApi.get(secrets, nameJoinTokenSecret(presented.name), signal);
  const token = stored === undefined ? undefined : parseJoinTokenSecret(stored);
  const isRight = isSameHash(hashJoinSecret(presented.secret), token?.secretSha256 ?? '0'.repeat(64));
  if (stored === undefined || token === undefined || !isRight || token.memberName !== presented.name) {
    throw refuse(presented.name, 'it was used, replaced by a newer one, or never made');
  }
  if (!isOfAuthority(token, authority.certPem)) {
    throw refuse(presented.name, "the cluster's authority was exchanged after it was made");
  }
  if (token.claimedBy !== undefined && token.claimedBy !== presented.publicKeySha256) {
    throw refuse(presented.name, 'another host has used it');
  }
  return { stored, token };
}

/**
 * Uses the token up: from here on only the same host may present it again, to finish what was interrupted. An
 * expired token is deleted, so that it cannot be tried again either.
 */
export async function claimToken(
  { clusterApi, clock }: Omit<TokenClaimDeps, 'authority'>,
  { stored, token }: FoundToken,
  publicKeySha256: string,
  signal: AbortSignal,
): Promise<void> {
  if (token.claimedBy !== undefined) return;
  if (isExpired(token, clock.now())) {
    await clusterApi.delete(secrets, nameJoinTokenSecret(token.memberName), {}, signal);
    throw refuse(token.memberName, `it expired at ${token.expiresAt}`);
  }
  const claimed = buildJoinTokenSecret({ ...token, claimedBy: publicKeySha256 });
  try {
    await clusterApi.update(secrets, { ...claimed, metadata: stored.metadata }, signal);
  } catch (error) {
    if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
    throw refuse(token.memberName, 'another host has used it');
  }
}

export function isExpired({ expiresAt }: StoredJoinToken, nowMs: number): boolean {
  return expiresAt !== '' && !(Date.parse(expiresAt) > nowMs);
}

function refuse(memberName: string, why: string): Error {
  const message =
    `the join token for ${memberName} is not good: ${why}; ` +
    `make a new one with "muster cluster add ${memberName}"`;
  return apiError('Forbidden', message);
}

function isSameHash(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
