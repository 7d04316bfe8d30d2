import { access, readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { DataDir } from '../data-dir.ts';
import { writeFileAtomically } from '../write-file.ts';
import { signControllerCertificate } from './certificates.ts';
import { publicKeyPemOf } from './key-pair.ts';

/** Makes what members of the first release did not have: a certificate with which one speaks for the whole cluster. */
export async function completeIdentity(dataDir: DataDir, name: string, clock: Clock): Promise<void> {
  if (await isThere(dataDir.controllerCert)) return;
  const files = [dataDir.clusterCert, dataDir.clusterKey, dataDir.memberKey];
  // Whatever else is missing is told, in words, by who reads the identity next.
  if (!(await Promise.all(files.map(isThere))).every(Boolean)) return;
  const [certPem = '', keyPem = '', memberKeyPem = ''] = await Promise.all(
    files.map((file) => readFile(file, 'utf8')),
  );
  const request = { name, publicKeyPem: publicKeyPemOf(memberKeyPem) };
  const signed = await signControllerCertificate({ certPem, keyPem }, request, clock.now());
  await writeFileAtomically(dataDir.controllerCert, signed, 0o644);
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    // Not there, or not to be read: whoever reads it next says which.
    return false;
  }
}
