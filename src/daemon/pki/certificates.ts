import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { controllersGroup, membersGroup } from '../../api/names.ts';
import { publicKeyPemOf } from './key-pair.ts';

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface MemberCertificateRequest {
  readonly name: string;
  /** Names and IP addresses under which it is reached, besides its own name and this host. */
  readonly hosts: readonly string[];
  readonly publicKeyPem: string;
}

export interface ClientCertificateRequest {
  /** The user, as the API server and RBAC know it. */
  readonly user: string;
  readonly groups: readonly string[];
  readonly publicKeyPem: string;
  /** Of the Identity without which the certificate is void. */
  readonly uid?: string;
  readonly expiresAtMs?: number;
}

type Usage = 'client' | 'server';

interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly uid?: string | undefined;
  readonly expiresAtMs?: number | undefined;
  readonly publicKeyPem: string;
  readonly usages: readonly Usage[];
  readonly hosts: readonly string[];
}

const dayMs = 24 * 3_600_000;
// Trust between members is by key; a date in the near future would only be an outage waiting to happen.
const validityMs = 3_650 * dayMs;
// Clocks of hosts that meet for the first time differ.
const clockSkewMs = 3_600_000;
const userIdType = '0.9.2342.19200300.100.1.1'; // OpenSSL calls it UID
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Loaded late: the library costs 80 ms, and a member that only runs seldom signs anything. */
async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

export async function createAuthority(clusterId: string, keyPem: string, nowMs: number): Promise<string> {
  const x509 = await loadX509();
  const publicKey = await importPublicKey(publicKeyPemOf(keyPem));
  const name = toName([['CN', `muster-${clusterId}`]]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...lifetime(nowMs),
    subject: name,
    issuer: name,
    publicKey,
    signingKey: await importPrivateKey(keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return pemLine(certificate.toString('pem'));
}

/** The certificate with which a member serves, and with which it calls other members. */
export function signMemberCertificate(
  authority: KeyedCertificate,
  { name, hosts: reached, publicKeyPem }: MemberCertificateRequest,
  nowMs: number,
): Promise<string> {
  const hosts = [...new Set([name, ...reached, 'localhost', '127.0.0.1', '::1'])];
  return sign(
    authority,
    {
      commonName: `system:member:${name}`,
      organizations: [membersGroup],
      publicKeyPem,
      usages: ['server', 'client'],
      hosts,
    },
    nowMs,
  );
}

/**
 * With what a member speaks for the whole cluster while it leads. It is over the member's own key, so that removing
 * the member voids it.
 */
export function signControllerCertificate(
  authority: KeyedCertificate,
  { name, publicKeyPem }: Pick<MemberCertificateRequest, 'name' | 'publicKeyPem'>,
  nowMs: number,
): Promise<string> {
  const request = { user: `system:controller:${name}`, groups: [controllersGroup], publicKeyPem };
  return signClientCertificate(authority, request, nowMs);
}

/** A certificate with which a person or program logs in: user = common name, groups = organizations. */
export function signClientCertificate(
  authority: KeyedCertificate,
  { user, groups, publicKeyPem, uid, expiresAtMs }: ClientCertificateRequest,
  nowMs: number,
): Promise<string> {
  return sign(
    authority,
    {
      commonName: user,
      organizations: groups,
      uid,
      expiresAtMs,
      publicKeyPem,
      usages: ['client'],
      hosts: [],
    },
    nowMs,
  );
}

/** Says nothing but that its bearer holds the key: what a host presents before anybody has signed it one. */
export async function signOwnCertificate(keyPem: string, commonName: string, nowMs: number): Promise<string> {
  const x509 = await loadX509();
  const name = toName([['CN', commonName]]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...lifetime(nowMs),
    subject: name,
    issuer: name,
    publicKey: await importPublicKey(publicKeyPemOf(keyPem)),
    signingKey: await importPrivateKey(keyPem),
    signingAlgorithm: algorithm,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  return pemLine(certificate.toString('pem'));
}

async function sign(
  { certPem, keyPem }: KeyedCertificate,
  request: CertificateRequest,
  nowMs: number,
): Promise<string> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(certPem);
  const publicKey = await importPublicKey(request.publicKeyPem);
  const usages = request.usages.map((usage) =>
    usage === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
  );
  const names = request.hosts.map((host) => ({
    type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const),
    value: host,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    ...lifetime(nowMs, request.expiresAtMs),
    subject: toName([
      ['CN', request.commonName],
      ...(request.uid === undefined ? [] : [[userIdType, request.uid] as const]),
      ...request.organizations.map((organization) => ['O', organization] as const),
    ]),
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    signingKey: await importPrivateKey(keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  });
  return pemLine(certificate.toString('pem'));
}

function lifetime(nowMs: number, expiresAtMs = nowMs + validityMs) {
  const serialNumber = randomBytes(16);
  // A serial number is a positive integer, and some verifiers refuse a leading zero byte.
  serialNumber.writeUInt8((serialNumber.readUInt8(0) & 0x3f) | 0x40, 0);
  return {
    serialNumber: serialNumber.toString('hex'),
    notBefore: new Date(nowMs - clockSkewMs),
    notAfter: new Date(expiresAtMs),
  };
}

/** One relative name per entry, so that several organizations stay separate values. */
function toName(entries: readonly (readonly [string, string])[]): Record<string, string[]>[] {
  return entries.map(([type, value]) => ({ [type]: [value] }));
}

function importPublicKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', der, algorithm, true, ['verify']);
}

function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
}

/** Certificates are joined to chains: each has to end with a line break. */
function pemLine(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}
