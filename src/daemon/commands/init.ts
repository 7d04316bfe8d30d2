import { randomUUID } from 'node:crypto';
import { systemClock } from '../../base/clock.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { requireAddress } from '../address.ts';
import type { DataDir } from '../data-dir.ts';
import { OperatorError } from '../operator-error.ts';
import { createAuthority, signMemberCertificate } from '../pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../pki/key-pair.ts';
import { tell } from '../tell.ts';
import { writeMember } from '../write-member.ts';
import { prepareMember, type PrepareFlags } from './prepare.ts';

export interface InitFlags extends PrepareFlags {
  readonly name: string;
}

// The member that bootstraps a dqlite cluster always has this id.
const firstNodeId = '1';

/** Makes the first member of a new cluster. */
export async function initMember(flags: InitFlags): Promise<void> {
  const problem = findNameProblem(flags.name);
  if (problem !== undefined) throw new OperatorError(problem);
  await prepareMember(flags, (dataDir) => createFirstMember(dataDir, flags));
}

async function createFirstMember(
  dataDir: DataDir,
  { name, address, listen, clientAddress = [] }: InitFlags,
): Promise<void> {
  const clusterId = randomUUID();
  const nowMs = systemClock.now();
  const authorityKey = createPrivateKeyPem();
  const authority = { keyPem: authorityKey, certPem: await createAuthority(clusterId, authorityKey, nowMs) };
  const keyPem = createPrivateKeyPem();
  const request = { name, hosts: [requireAddress(address).host], publicKeyPem: publicKeyPemOf(keyPem) };
  const certPem = await signMemberCertificate(authority, request, nowMs);
  const config = {
    ...{ clusterId, id: firstNodeId, name, address, isNewCluster: true as const },
    ...(listen === undefined ? {} : { listen }),
    ...(clientAddress.length === 0 ? {} : { clientAddresses: clientAddress }),
  };
  await writeMember(dataDir, { config, authority, member: { certPem, keyPem } }, systemClock);
  tell(`created cluster ${clusterId} with the member ${name} in ${dataDir.root}`);
  tell(`kubectl --kubeconfig ${dataDir.adminKubeconfig} reaches it once it runs`);
}
