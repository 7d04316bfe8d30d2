import { X509Certificate } from 'node:crypto';
import { isOpen, type AuthorityExchange, type OpenExchange } from './exchange-record.ts';

/** What a member has to do about the exchange that it finds. */
export type OwnPart =
  | { readonly kind: 'rest' }
  | { readonly kind: 'carry out'; readonly exchange: OpenExchange }
  /** The others have finished without it, and nobody has the key for it any more. */
  | { readonly kind: 'missed'; readonly exchange: AuthorityExchange; readonly problem: string };

/** From what the store says, what this member was carrying out when it looked last, and with what it signs (PEM). */
export function planOwnPart(
  stored: AuthorityExchange | undefined,
  begun: OpenExchange | undefined,
  signing: string,
): OwnPart {
  if (isOpen(stored)) return { kind: 'carry out', exchange: stored };
  // The store was founded anew from a copy of before the exchange.
  if (stored === undefined) {
    return begun === undefined
      ? { kind: 'rest' }
      : { kind: 'carry out', exchange: { ...begun, step: 'Canceled' } };
  }
  if (begun?.newCert === stored.newCert) {
    return { kind: 'carry out', exchange: { ...begun, step: stored.step } };
  }
  const agreed = stored.step === 'Ended' ? stored.newCert : stored.formerCert;
  if (isSameKey(agreed, signing)) return { kind: 'rest' };
  const problem =
    'the authority was exchanged while this member was away, and every member that was left has finished: remove ' +
    'this member, and let its host join again';
  return { kind: 'missed', exchange: stored, problem };
}

/** Another certificate over the same key is the same authority, renewed. */
function isSameKey(certPem: string, other: string): boolean {
  return new X509Certificate(certPem).publicKey.equals(new X509Certificate(other).publicKey);
}
