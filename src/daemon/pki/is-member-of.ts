import { X509Certificate } from 'node:crypto';
import { membersGroup } from '../../api/names.ts';

/**
 * Recognises a member's certificate by the signature of the cluster's authority. Dates do not count: a certificate
 * that has expired must never keep members from talking. The name does not either: who serves is found by address.
 */
export function isMemberOf(caPem: string): (certificate: X509Certificate) => boolean {
  const authority = new X509Certificate(caPem);
  return (certificate) => {
    if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) return false;
    return certificate.subject.split('\n').includes(`O=${membersGroup}`);
  };
}
