import type { Clock } from '../../base/clock.ts';
import type { DataDir } from '../data-dir.ts';
import type { MemberIdentity } from '../run/member-identity.ts';
import { writeFileAtomically } from '../write-file.ts';
import { signControllerCertificate, signMemberCertificate, type KeyedCertificate } from './certificates.ts';
import { publicKeyPemOf } from './key-pair.ts';

export interface SignedAs {
  readonly name: string;
  /** Under which it is reached, besides its name. */
  readonly hosts: readonly string[];
}

/** Signs the member's certificates anew, over the key that it has, and writes them. Trust between members is by key. */
export async function signIdentity(
  dataDir: DataDir,
  { authority, member }: Pick<MemberIdentity, 'authority' | 'member'>,
  { name, hosts }: SignedAs,
  clock: Clock,
): Promise<KeyedCertificate> {
  const { keyPem } = member;
  const publicKeyPem = publicKeyPemOf(keyPem);
  for (;;) {
    const by = { certPem: authority.certPem, keyPem: authority.keyPem };
    const nowMs = clock.now();
    const certPem = await signMemberCertificate(by, { name, hosts, publicKeyPem }, nowMs);
    const controllerPem = await signControllerCertificate(by, { name, publicKeyPem }, nowMs);
    await writeFileAtomically(dataDir.memberCert, certPem, 0o644);
    await writeFileAtomically(dataDir.controllerCert, controllerPem, 0o644);
    // It may have been exchanged meanwhile, and the next start expects that of then.
    if (by.certPem === authority.certPem) return { certPem, keyPem };
  }
}
