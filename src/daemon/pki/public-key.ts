import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

/** The identity of a member: SHA-256 of its public key (DER SubjectPublicKeyInfo), lower-case hex. */
export function pinOfKey(key: KeyObject): string {
  return createHash('sha256').update(exportSpki(key)).digest('hex');
}

export function pinOfCertificate(certificatePem: string): string {
  return pinOfKey(new X509Certificate(certificatePem).publicKey);
}

/** Reads a public key in PEM; undefined when it is none, or not of the one kind that members use. */
export function parsePublicKey(pem: string): KeyObject | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return undefined; // The text came from outside; that it is no key is all there is to say.
  }
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? key : undefined;
}

/** SHA-256 of a certificate (DER), lower-case hex: what a join token carries. */
export function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

export function exportSpki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
