import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/** ECDSA P-256: small, fast, and understood by every TLS client. */
export function createPrivateKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The public half, as PEM (SubjectPublicKeyInfo). */
export function publicKeyPemOf(privateKeyPem: string): string {
  return createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'pem' }).toString();
}
