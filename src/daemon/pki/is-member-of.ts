import { X509Certificate } from 'node:crypto';
import { membersGroup } from '../../api/names.ts';
import { pinOfKey } from './public-key.ts';

export interface Vouching {
  /** PEM of the authorities that count now. */
  readonly authorities: () => readonly string[];
  /** Whether the key is that of a member: then it needs no authority, which may have been exchanged meanwhile. */
  readonly isKnownKey?: (publicKeySha256: string) => boolean;
}

/**
 * Recognises a member's certificate by its key, or by the signature of the cluster's authority. Dates do not count: a
 * certificate that has expired must never keep members from talking. The name does not either: who serves is found by
 * address.
 */
export function isMemberOf({
  authorities,
  isKnownKey = () => false,
}: Vouching): (certificate: X509Certificate) => boolean {
  return (certificate) => {
    if (isKnownKey(pinOfKey(certificate.publicKey))) return true;
    if (!certificate.subject.split('\n').includes(`O=${membersGroup}`)) return false;
    return authorities().some((pem) => isIssuedBy(certificate, new X509Certificate(pem)));
  };
}

export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
