import { X509Certificate } from 'node:crypto';
import { isRenewalDue } from '../../reconcilers/certificate-expiry.ts';
import { signClientCertificate, type KeyedCertificate } from '../pki/certificates.ts';
import { isIssuedBy } from '../pki/is-member-of.ts';
import { publicKeyPemOf } from '../pki/key-pair.ts';

/** A kubeconfig file, as far as it says who logs in; other fields are kept. */
export interface UsersFile {
  readonly users?: readonly NamedUser[];
}

interface NamedUser {
  readonly name: string;
  readonly user: {
    readonly 'client-certificate-data'?: string;
    readonly 'client-key-data'?: string;
    readonly token?: string;
  };
}

export interface SigningAuthority extends KeyedCertificate {
  /** PEM of all that vouch for certificates which are ours to sign anew. */
  readonly trusted: readonly string[];
}

/**
 * The file with every certificate of its own signed anew, over the same key, when that is due, or another authority signs by now. Those that belong to an
 * Identity are given out and voided by people, and are left alone. Undefined when nothing changes.
 */
export async function withRenewedUsers<T extends UsersFile>(
  file: T,
  authority: SigningAuthority,
  nowMs: number,
): Promise<T | undefined> {
  const before = file.users ?? [];
  const users = await Promise.all(before.map((one) => renew(one, authority, nowMs)));
  return users.every((one, index) => one === before[index]) ? undefined : { ...file, users };
}

async function renew(named: NamedUser, authority: SigningAuthority, nowMs: number): Promise<NamedUser> {
  const { 'client-certificate-data': certData, 'client-key-data': keyData } = named.user;
  if (certData === undefined || keyData === undefined) return named;
  const certificate = new X509Certificate(fromBase64(certData));
  const vouching = authority.trusted.find((pem) => isIssuedBy(certificate, new X509Certificate(pem)));
  const subject = readSubject(certificate);
  // What somebody else has signed, or can void, is not ours to give out.
  if (vouching === undefined || subject === undefined) return named;
  const isDue = isRenewalDue(certificate.validFromDate.getTime(), certificate.validToDate.getTime(), nowMs);
  if (vouching === authority.certPem && !isDue) return named;
  const publicKeyPem = publicKeyPemOf(fromBase64(keyData));
  const certPem = await signClientCertificate(authority, { ...subject, publicKeyPem }, nowMs);
  return { ...named, user: { ...named.user, 'client-certificate-data': toBase64(certPem) } };
}

interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

function readSubject({ subject }: X509Certificate): Subject | undefined {
  const entries = subject.split('\n').map((line) => {
    const [type = '', ...value] = line.split('=');
    return { type, value: value.join('=') };
  });
  if (entries.some(({ type }) => type !== 'CN' && type !== 'O')) return undefined;
  const user = entries.find(({ type }) => type === 'CN')?.value;
  const groups = entries.filter(({ type }) => type === 'O').map(({ value }) => value);
  return user === undefined ? undefined : { user, groups };
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
