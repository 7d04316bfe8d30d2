import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describeError } from '../../base/describe-error.ts';
import { readExchangeFile } from '../authority/exchange-file.ts';
import { holdAuthority, stateIn, type HeldAuthority } from '../authority/held-authority.ts';
import type { DataDir } from '../data-dir.ts';
import { OperatorError } from '../operator-error.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { pinOfKey } from '../pki/public-key.ts';

/** The keys of the data directory, checked to belong together. */
export interface MemberIdentity {
  readonly authority: HeldAuthority;
  readonly member: KeyedCertificate;
  /** With what it speaks for the whole cluster while it leads; over the same key. */
  readonly controller: KeyedCertificate;
  /** SHA-256 of the member's public key, by which the others know it. */
  readonly publicKeySha256: string;
}

export async function readIdentity(dataDir: DataDir): Promise<MemberIdentity> {
  const { clusterCert, clusterKey, memberCert, memberKey, controllerCert } = dataDir;
  try {
    const files = [clusterCert, clusterKey, memberCert, memberKey, controllerCert];
    const [authorityCert = '', authorityKey = '', certPem = '', keyPem = '', controllerPem = ''] =
      await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const exchange = await readExchangeFile(dataDir);
    const authority = new X509Certificate(authorityCert);
    const certificate = new X509Certificate(certPem);
    // In an exchange these files are on their way, and its own file says what counts.
    const isSettled = exchange === undefined;
    if (isSettled && !certificate.verify(authority.publicKey)) {
      throw new Error(`${memberCert} was not signed by ${clusterCert}: they are of different clusters`);
    }
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) {
      throw new Error(`${memberKey} is not the key of ${memberCert}`);
    }
    if (isSettled && !authority.checkPrivateKey(createPrivateKey(authorityKey))) {
      throw new Error(`${clusterKey} is not the key of ${clusterCert}`);
    }
    const own = { certPem: authorityCert, keyPem: authorityKey };
    return {
      authority: holdAuthority(isSettled ? { signing: own, shown: own } : stateIn(exchange)),
      member: { certPem, keyPem },
      controller: { certPem: controllerPem, keyPem },
      publicKeySha256: pinOfKey(certificate.publicKey),
    };
  } catch (error) {
    throw new OperatorError(`the keys in ${dataDir.root} cannot be used: ${describeError(error)}`);
  }
}
