import { X509Certificate, createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { apiError } from '../../api/api-error.ts';
import { controllersGroup, membersGroup } from '../../api/names.ts';
import type { Clock } from '../../base/clock.ts';
import type { Identities } from './identities.ts';
import { type User, anonymousUser, authenticatedGroup } from './user.ts';

export interface CertificateAuthenticatorDeps {
  readonly caPem: string;
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
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly keySha256: string;
}

/**
 * TLS has proven that the client holds the certificate's key; this checks who vouches for it. The certificate counts
 * when the cluster's CA signed it itself. A member's, and that of its controllers, may be out of date, so that an expired certificate never stops
 * the cluster; a person's may not.
 */
export function createCertificateAuthenticator(deps: CertificateAuthenticatorDeps): Authenticator {
  const authority = new X509Certificate(deps.caPem);
  // A connection keeps its certificate, and a signature check on each request would be most of its cost.
  const identities = new WeakMap<TLSSocket, Identity>();

  return (socket) => {
    if (socket === undefined) return anonymousUser;
    const known = identities.get(socket) ?? identify(socket, authority);
    if (known === undefined) return anonymousUser;
    identities.set(socket, known);
    checkStillGood(known, deps);
    if (known.user.uid === undefined) return known.user;
    const current = deps.identities.find(known.user.name, known.user.uid);
    if (current === undefined) throw unauthorized();
    return current;
  };
}

function identify(socket: TLSSocket, authority: X509Certificate): Identity | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) throw unauthorized();
  // Node calls the extended key usages `keyUsage`, and leaves it undefined when there are none.
  const usages = certificate.keyUsage as string[] | undefined;
  if (usages !== undefined && !usages.includes(clientAuthUsage)) throw unauthorized();
  const subject = socket.getPeerCertificate().subject as Subject;
  const name = [subject.CN].flat()[0];
  if (name === undefined || name === '') throw unauthorized();
  const organizations = [subject.O].flat().filter((group) => group !== undefined);
  const user = { name, groups: [...organizations, authenticatedGroup] };
  const uid = [subject.UID].flat()[0];
  // Only what each request asks for: working it out again costs more than most requests do.
  return {
    user: uid === undefined ? user : { ...user, uid },
    validFromMs: certificate.validFromDate.getTime(),
    validToMs: certificate.validToDate.getTime(),
    keySha256: keyFingerprint(certificate),
  };
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
