import { rm } from 'node:fs/promises';
import { mastersGroup } from '../api/names.ts';
import type { Clock } from '../base/clock.ts';
import { writeExchangeFile } from './authority/exchange-file.ts';
import type { OpenExchange } from './authority/exchange-record.ts';
import { holdAuthority, stateIn } from './authority/held-authority.ts';
import { writeConfig, type MemberConfig } from './config.ts';
import type { DataDir } from './data-dir.ts';
import { formatKubeconfig } from './pki/admin-kubeconfig.ts';
import {
  signClientCertificate,
  signControllerCertificate,
  type KeyedCertificate,
} from './pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from './pki/key-pair.ts';
import { writeFileAtomically } from './write-file.ts';

export interface NewMember {
  readonly config: MemberConfig;
  readonly authority: KeyedCertificate;
  readonly member: KeyedCertificate;
  /** In which it joins: then another authority counts besides. */
  readonly exchange?: OpenExchange;
}

/**
 * Writes what makes a directory a member. The config file comes last: without it there is no member, so a crash
 * in between leaves a directory that init and join accept again.
 */
export async function writeMember(dataDir: DataDir, newMember: NewMember, clock: Clock): Promise<void> {
  const { config, authority, member, exchange } = newMember;
  const trusted = exchange === undefined ? [authority.certPem] : holdAuthority(stateIn(exchange)).trusted;
  await writeFileAtomically(dataDir.clusterCert, authority.certPem, 0o644);
  await writeFileAtomically(dataDir.clusterKey, authority.keyPem, 0o600);
  if (exchange !== undefined) await writeExchangeFile(dataDir, exchange);
  await writeFileAtomically(dataDir.memberKey, member.keyPem, 0o600);
  await writeFileAtomically(dataDir.memberCert, member.certPem, 0o644);
  const request = { name: config.name, publicKeyPem: publicKeyPemOf(member.keyPem) };
  const controllerCert = await signControllerCertificate(authority, request, clock.now());
  await writeFileAtomically(dataDir.controllerCert, controllerCert, 0o644);
  const kubeconfig = formatKubeconfig({
    address: config.address,
    caPem: trusted.join(''),
    admin: await createAdmin(authority, clock),
  });
  await writeFileAtomically(dataDir.adminKubeconfig, kubeconfig, 0o600);
  await writeConfig(dataDir, config);
}

/** Takes back what an attempt that failed has written; the lock and what people put there stay. */
export async function removeMember(dataDir: DataDir): Promise<void> {
  const { config, clusterCert, clusterKey, memberCert, controllerCert, exchange, adminKubeconfig, peers } =
    dataDir;
  const made = [
    config,
    clusterCert,
    clusterKey,
    memberCert,
    controllerCert,
    exchange,
    adminKubeconfig,
    peers,
  ];
  for (const file of made) {
    await rm(file, { force: true });
  }
}

async function createAdmin(authority: KeyedCertificate, clock: Clock): Promise<KeyedCertificate> {
  const keyPem = createPrivateKeyPem();
  const request = { user: 'admin', groups: [mastersGroup], publicKeyPem: publicKeyPemOf(keyPem) };
  return { keyPem, certPem: await signClientCertificate(authority, request, clock.now()) };
}
