import { X509Certificate } from 'node:crypto';
import type { ConfigMap } from '../api/builtin.ts';
import { systemNamespace } from '../api/names.ts';

/** Where the certificate of the cluster's authority is when those that were given out come to their end. It is no secret. */
export const authorityPlace = { namespace: systemNamespace, name: 'cluster-authority' } as const;

export const authorityCertificateKey = 'ca.crt';

/**
 * The certificate in the ConfigMap, if it is a later one over the same key. Whoever can write ConfigMaps may not be
 * trusted with more than that: the key says whose it is.
 */
export function readSuccessor(stored: ConfigMap | undefined, ownPem: string): string | undefined {
  const certPem = stored?.data?.[authorityCertificateKey];
  if (certPem === undefined) return undefined;
  const own = new X509Certificate(ownPem);
  try {
    const offered = new X509Certificate(certPem);
    const isOurs = offered.ca && offered.subject === own.subject && offered.publicKey.equals(own.publicKey);
    const isLater = offered.validToDate.getTime() > own.validToDate.getTime();
    return isOurs && isLater && offered.verify(own.publicKey) ? certPem : undefined;
  } catch {
    return undefined; // No certificate at all.
  }
}
