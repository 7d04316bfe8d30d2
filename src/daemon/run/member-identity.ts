import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describeError } from '../../base/describe-error.ts';
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

/** The certificate of the authority is another one, over the same key, when it comes to its end. */
export interface HeldAuthority extends KeyedCertificate {
  renew(certPem: string): void;
}

function holdAuthority({ certPem, keyPem }: KeyedCertificate): HeldAuthority {
  const held = { certPem };
  return {
    get certPem() {
      return held.certPem;
    },
    keyPem,
    renew(renewed) {
      held.certPem = renewed;
    },
  };
}

export async function readIdentity(dataDir: DataDir): Promise<MemberIdentity> {
  const { clusterCert, clusterKey, memberCert, memberKey, controllerCert } = dataDir;
  try {
    const files = [clusterCert, clusterKey, memberCert, memberKey, controllerCert];
    const [authorityCert = '', authorityKey = '', certPem = '', keyPem = '', controllerPem = ''] =
      await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const authority = new X509Certificate(authorityCert);
    const certificate = new X509Certificate(certPem);
    if (!certificate.verify(authority.publicKey)) {
      throw new Error(`${memberCert} was not signed by ${clusterCert}: they are of different clusters`);
    }
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) {
      throw new Error(`${memberKey} is not the key of ${memberCert}`);
    }
    if (!authority.checkPrivateKey(createPrivateKey(authorityKey))) {
      throw new Error(`${clusterKey} is not the key of ${clusterCert}`);
    }
    return {
      authority: holdAuthority({ certPem: authorityCert, keyPem: authorityKey }),
      member: { certPem, keyPem },
      controller: { certPem: controllerPem, keyPem },
      publicKeySha256: pinOfKey(certificate.publicKey),
    };
  } catch (error) {
    throw new OperatorError(`the keys in ${dataDir.root} cannot be used: ${describeError(error)}`);
  }
}
