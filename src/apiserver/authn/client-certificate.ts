import { X509Certificate, createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { apiError } from '../../api/api-error.ts';
import { controllersGroup, membersGroup } from '../../api/names.ts';
import type { Clock } from '../../base/clock.ts';
import type { Identities } from './identities.ts';
import { type User, anonymousUser, authenticatedGroup } from './user.ts';

export interface CertificateAuthenticatorDeps {
  /** PEM of the authorities that count now. The same array until that changes. */
  readonly authorities: () => readonly string[];
  readonly clock: Clock;
  readonly identities: Identities;
  /** Whether the key still belongs to that member: the certificate of a removed one stays signed for years. */
  readonly isMemberKey?: (memberName: string, publicKeySha256: string) => boolean;
}

export type Authenticator = (socket: TLSSocket | undefined) => User;

const clientAuthUsage = '1.3.6.1.5.5.7.3.2';
/** Groups whose certificates count by key and not by date, and what precedes the member's name in them. */
const memberPrefixes: ReadonlyMap<string, string> = new Map([
  [membersGroup, 'system:member:'],
  [controllersGroup, 'system:controller:'],
]);

interface Subject {
  readonly CN?: string | string[];
  readonly O?: string | string[];
  /** Of the Identity that the certificate was given out for; the first ones of a cluster have none. */
  readonly UID?: string | string[];
}

interface Identity {
  readonly user: User;
  /** Who has signed it; absent where the key alone says who it is. */
  readonly authority?: X509Certificate;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly keySha256: string;
}

/**
 * TLS has proven that the client holds the certificate's key; this checks who vouches for it. The certificate counts
 * while an authority of the cluster counts that signed it itself. A member's, and that of its controllers, may be out of date, so that an
 * expired certificate never stops the cluster; a person's may not.
 */
export function createCertificateAuthenticator(deps: CertificateAuthenticatorDeps): Authenticator {
  const findAuthorities = createAuthoritiesReader(deps.authorities);
  // A connection keeps its certificate, and a signature check on each request would be most of its cost.
  const identities = new WeakMap<TLSSocket, Identity>();

  return (socket) => {
    if (socket === undefined) return anonymousUser;
    const authorities = findAuthorities();
    const known = recall(identities.get(socket), authorities) ?? identify(socket, authorities, deps);
    if (known === undefined) return anonymousUser;
    identities.set(socket, known);
    checkStillGood(known, deps);
    if (known.user.uid === undefined) return known.user;
    const current = deps.identities.find(known.user.name, known.user.uid);
    if (current === undefined) throw unauthorized();
    return current;
  };
}

/** Reads them once for each change. */
function createAuthoritiesReader(read: () => readonly string[]): () => readonly X509Certificate[] {
  const held: { from?: readonly string[]; certificates: readonly X509Certificate[] } = { certificates: [] };
  return () => {
    const from = read();
    if (held.from !== from) {
      held.from = from;
      held.certificates = from.map((pem) => new X509Certificate(pem));
    }
    return held.certificates;
  };
}

/** An authority that has been exchanged ends the connections of those whom it has vouched for. */
function recall(known: Identity | undefined, authorities: readonly X509Certificate[]): Identity | undefined {
  if (known?.authority === undefined) return known;
  return authorities.includes(known.authority) ? known : undefined;
}

function identify(
  socket: TLSSocket,
  authorities: readonly X509Certificate[],
  deps: CertificateAuthenticatorDeps,
): Identity | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const authority = authorities.find(
    (one) => certificate.checkIssued(one) && certificate.verify(one.publicKey),
  );
  // Node calls the extended key usages `keyUsage`, and leaves it undefined when there are none.
  const usages = certificate.keyUsage as string[] | undefined;
  if (usages !== undefined && !usages.includes(clientAuthUsage)) throw unauthorized();
  const subject = socket.getPeerCertificate().subject as Subject;
  const name = [subject.CN].flat()[0];
  if (name === undefined || name === '') throw unauthorized();
  const organizations = [subject.O].flat().filter((group) => group !== undefined);
  const uid = [subject.UID].flat()[0];
  const read = { name, organizations, keySha256: keyFingerprint(certificate) };
  const groups = authority === undefined ? groupsOfMember(read, deps) : organizations;
  const user = { name, groups: [...groups, authenticatedGroup] };
  // Only what each request asks for: working it out again costs more than most requests do.
  return {
    user: uid === undefined ? user : { ...user, uid },
    ...(authority === undefined ? {} : { authority }),
    validFromMs: certificate.validFromDate.getTime(),
    validToMs: certificate.validToDate.getTime(),
    keySha256: read.keySha256,
  };
}

/**
 * A member is known by its key: it may have been away while the authority was exchanged, and has to be let in to learn
 * of that. It is no more than that by a certificate that nobody vouches for.
 */
function groupsOfMember(
  { name, organizations, keySha256 }: { name: string; organizations: readonly string[]; keySha256: string },
  { isMemberKey }: CertificateAuthenticatorDeps,
): readonly string[] {
  const group = organizations.find((one) => memberPrefixes.has(one));
  const prefix = memberPrefixes.get(group ?? '');
  const isKnown =
    prefix !== undefined && name.startsWith(prefix) && isMemberKey?.(name.slice(prefix.length), keySha256);
  if (group === undefined || isKnown !== true) throw unauthorized();
  return [group];
}

function checkStillGood(
  { user, validFromMs, validToMs, keySha256 }: Identity,
  deps: CertificateAuthenticatorDeps,
): void {
  const group = user.groups.find((name) => memberPrefixes.has(name));
  if (group !== undefined) {
    const prefix = memberPrefixes.get(group) ?? '';
    const memberName = user.name.slice(prefix.length);
    if (!user.name.startsWith(prefix)) throw unauthorized();
    if (deps.isMemberKey?.(memberName, keySha256) === false) throw unauthorized();
    return;
  }
  const now = deps.clock.now();
  if (now < validFromMs || now > validToMs) throw unauthorized();
}

function keyFingerprint({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

// The same words for every cause: who tries certificates learns nothing.
function unauthorized(): Error {
  return apiError('Unauthorized', 'Unauthorized');
}
