import { findCondition } from './conditions.ts';
import type { Condition } from './meta.ts';

/** Says to everybody who the cluster's authority is: certificates are no secret. */
export const authorityPath = '/muster/v1/authority';
/** Where the exchange of the authority for one with a new key is begun, hurried, canceled and looked at. */
export const rotateAuthorityPath = '/muster/v1/rotate-authority';

/** Each may be the last for a while: a member carries out the one that it finds. */
export type ExchangeStep =
  /** The former authority signs, and the new one counts as well. */
  | 'Trusted'
  /** The new one signs, and the former one counts as well. */
  | 'Signing'
  /** The former one does not count any more. */
  | 'Ended'
  /** Canceled: as `Trusted`, on the way back. */
  | 'Returning'
  /** The new one does not count any more. */
  | 'Canceled';

/** What may be known of an exchange. */
export interface ExchangeView {
  readonly step: ExchangeStep;
  /** SHA-256 of the new authority's certificate (DER), lower-case hex. */
  readonly id: string;
  /** RFC 3339, as the others. */
  readonly startedAt: string;
  /** When the former authority ceases to count, at the earliest. */
  readonly endsAt: string;
  /** Every member has carried out the last step. */
  readonly finishedAt?: string;
}

/** What everybody is told at `authorityPath`. */
export interface AuthorityAnswer {
  /** PEM; the one that signs comes first. */
  readonly certificates: readonly string[];
  /** When the others cease to count. */
  readonly endsAt?: string;
}

/** What is posted to `rotateAuthorityPath`. */
export type ExchangeRequest =
  | {
      readonly action: 'begin';
      /** From now until the former authority ceases to count; 0: as soon as every member that is online signs with the new one. */
      readonly endsInSeconds?: number;
    }
  | { readonly action: 'cancel' };

export interface ExchangeAnswer {
  readonly exchange?: ExchangeView;
}

/** The Cluster's condition about the exchange, and that of each Member. */
export const exchangeCondition = 'AuthorityExchanged';
export const memberExchangeCondition = 'AuthorityTrusted';

interface HasConditions {
  readonly status?: { readonly conditions?: Condition[] | undefined } | undefined;
}

/** Whether a member says that it has carried out this very step. */
export function hasReached(
  { status }: HasConditions,
  { step, id }: Pick<ExchangeView, 'id' | 'step'>,
): boolean {
  const said = findCondition(status, memberExchangeCondition);
  return said?.status === 'True' && said.reason === step && said.message.includes(id);
}
