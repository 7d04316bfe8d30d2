import type { Clock } from '../../base/clock.ts';
import { requireAddress } from '../address.ts';
import { writeConfig, type MemberConfig } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import { signIdentity } from '../pki/sign-identity.ts';
import type { MemberIdentity } from '../run/member-identity.ts';

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
  const { host } = requireAddress(config.address);
  await signIdentity(dataDir, identity, { name, hosts: [host] }, clock);
  const { isNewCluster: _founded, ...settled } = config;
  const renamed = { ...settled, name };
  await writeConfig(dataDir, renamed);
  return renamed;
}
