import type { PeerCertificate } from 'node:tls';
import { Agent, request } from 'undici';
import { membersGroup } from '../api/names.ts';

/** How a host shows itself to a member, and whom it believes. */
export interface MemberCredentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface PostLimits {
  readonly connectMs: number;
  readonly replyMs: number;
}

export interface MemberReply {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends JSON to one member, whoever of them it is: the authority vouches for it. */
export async function postToMember(
  { address, path, content }: { readonly address: string; readonly path: string; readonly content: object },
  { caPem, certPem, keyPem }: MemberCredentials,
  { connectMs, replyMs }: PostLimits,
): Promise<MemberReply> {
  const dispatcher = new Agent({
    connect: {
      ca: caPem,
      cert: certPem,
      key: keyPem,
      timeout: connectMs,
      checkServerIdentity: (_host: string, certificate: PeerCertificate) => checkIsMember(certificate),
    },
    headersTimeout: replyMs,
    bodyTimeout: replyMs,
  });
  try {
    const { statusCode, body } = await request(`https://${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(content),
      dispatcher,
    });
    return { code: statusCode, body: parseObject(await body.text()) };
  } finally {
    await dispatcher.destroy();
  }
}

/** The authority vouches for the name; the address may be one that only the caller's network uses. */
function checkIsMember({ subject }: PeerCertificate): Error | undefined {
  if (subject.O === membersGroup) return undefined;
  return new Error('the certificate that it presents is not that of a member');
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // Whatever answered is no member; its code is all that can be told.
  }
}
