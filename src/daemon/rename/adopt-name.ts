import type { Clock } from '../../base/clock.ts';
import { requireAddress } from '../address.ts';
import { writeConfig, type MemberConfig } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import { signControllerCertificate, signMemberCertificate } from '../pki/certificates.ts';
import { publicKeyPemOf } from '../pki/key-pair.ts';
import type { MemberIdentity } from '../run/member-identity.ts';
import { writeFileAtomically } from '../write-file.ts';

/**
 * Writes what this member has to be started with under its new name: certificates over the same key, and the
 * config. The config comes last: cut short before it, the next start finds the name in the store and does it again.
 */
export async function adoptName(
  dataDir: DataDir,
  {
    config,
    identity,
    name,
  }: { readonly config: MemberConfig; readonly identity: MemberIdentity; readonly name: string },
  clock: Clock,
): Promise<MemberConfig> {
  const { authority, member } = identity;
  const publicKeyPem = publicKeyPemOf(member.keyPem);
  const { host } = requireAddress(config.address);
  const nowMs = clock.now();
  const memberCert = await signMemberCertificate(authority, { name, host, publicKeyPem }, nowMs);
  const controllerCert = await signControllerCertificate(authority, { name, publicKeyPem }, nowMs);
  await writeFileAtomically(dataDir.memberCert, memberCert, 0o644);
  await writeFileAtomically(dataDir.controllerCert, controllerCert, 0o644);
  const { isNewCluster: _founded, ...settled } = config;
  const renamed = { ...settled, name };
  await writeConfig(dataDir, renamed);
  return renamed;
}
