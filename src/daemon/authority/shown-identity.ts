import { X509Certificate } from 'node:crypto';
import type { ApiServer } from '../../apiserver/api-server.ts';
import type { CertificateAndKey } from '../../apiserver/http/shown-certificates.ts';
import type { Clock } from '../../base/clock.ts';
import { signMemberCertificate } from '../pki/certificates.ts';
import { publicKeyPemOf } from '../pki/key-pair.ts';
import type { MemberIdentity } from '../run/member-identity.ts';

export interface ShownIdentity {
  /** To members, and to hosts that join. */
  readonly tls: CertificateAndKey;
  /** To clients, where they may know no more than an authority that does not sign any more. */
  readonly outward?: CertificateAndKey;
}

interface Shown {
  readonly name: string;
  /** The member's certificate as it is on disk. */
  readonly certPem: string;
}

/** The authority goes along, so that a host with nothing but a join token can compare its fingerprint. */
export async function describeShown(
  { authority, member: { keyPem } }: Pick<MemberIdentity, 'authority' | 'member'>,
  { name, certPem }: Shown,
  clock: Pick<Clock, 'now'>,
): Promise<ShownIdentity> {
  const { shown } = authority;
  const tls = { certPem: certPem + authority.certPem, keyPem };
  if (shown.certPem === authority.certPem) return { tls };
  const request = { name, hosts: listHosts(certPem), publicKeyPem: publicKeyPemOf(keyPem) };
  const outward = await signMemberCertificate(shown, request, clock.now());
  return { tls, outward: { certPem: outward + shown.certPem, keyPem } };
}

export async function showIdentity(
  apiServer: Pick<ApiServer, 'replaceCertificate'>,
  identity: Pick<MemberIdentity, 'authority' | 'member'>,
  shown: Shown,
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  for (;;) {
    const { trusted } = identity.authority;
    const { tls, outward } = await describeShown(identity, shown, clock);
    // Signing takes a moment, in which the authority may have been exchanged.
    if (identity.authority.trusted !== trusted) continue;
    apiServer.replaceCertificate(tls, outward);
    return;
  }
}

/** The names and addresses that a certificate carries. */
export function listHosts(certPem: string): readonly string[] {
  const { subjectAltName = '' } = new X509Certificate(certPem);
  return subjectAltName.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
}
