import { TLSSocket } from 'node:tls';
import { Agent, buildConnector, request } from 'undici';
import { memberServerName } from '../api/names.ts';
import { isMemberOf } from './pki/is-member-of.ts';

/** How a host shows itself to a member, and whom it believes. */
export interface MemberCredentials {
  /** PEM of the authorities that may vouch for it. */
  readonly authorities: readonly string[];
  /** SHA-256 of public keys that need nobody to vouch for them. */
  readonly knownKeys?: readonly string[];
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
  credentials: MemberCredentials,
  { connectMs, replyMs }: PostLimits,
): Promise<MemberReply> {
  const connector = createConnector(credentials, connectMs);
  const dispatcher = new Agent({ connect: connector, headersTimeout: replyMs, bodyTimeout: replyMs });
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

/** The authority vouches for the member; the address may be one that only the caller's network uses. */
function createConnector(
  { authorities, knownKeys = [], certPem: cert, keyPem: key }: MemberCredentials,
  timeout: number,
): buildConnector.connector {
  const isMember = isMemberOf({
    authorities: () => authorities,
    isKnownKey: (publicKeySha256) => knownKeys.includes(publicKeySha256),
  });
  const connect = buildConnector({
    cert,
    key,
    timeout,
    // One request and one answer; undici's HTTP/2 has sent frames without end to servers that were cut off.
    allowH2: false,
    servername: memberServerName,
    rejectUnauthorized: false,
  });
  return (options, callback) => {
    connect({ ...options, servername: memberServerName }, (error, socket) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      if (certificate !== undefined && isMember(certificate)) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(new Error('the certificate that it presents is not that of a member'), null);
    });
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // Whatever answered is no member; its code is all that can be told.
  }
}
