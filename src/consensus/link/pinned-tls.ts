import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** SHA-256 of the public key that the other side proved to hold; undefined when it showed no certificate. */
export function presentedKey(socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : publicKeySha256(certificate);
}

export function publicKeySha256(certificate: X509Certificate | string): string {
  const parsed = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  const der = parsed.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

/**
 * TLS options for both ends of a connection between members. Chain and dates are not checked, because
 * trust is by key: the caller compares `presentedKey` before it lets a byte through. TLS 1.3 makes both
 * sides prove possession of their keys.
 */
export const pinnedTlsOptions = { minVersion: 'TLSv1.3', rejectUnauthorized: false } as const;
