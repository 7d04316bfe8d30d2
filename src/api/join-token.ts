/**
 * What a host needs to join a cluster, packed into one line that a person can paste. The field names are those
 * of LXD, whose tools may have to read it.
 */
export interface JoinToken {
  /** The name that the new member will have. */
  readonly serverName: string;
  /** SHA-256 of the certificate of the cluster's authority (DER), lower-case hex. */
  readonly fingerprint: string;
  /** `host:port` of members that can be asked. */
  readonly addresses: readonly string[];
  /** 64 hex digits; the cluster keeps only a hash of them. */
  readonly secret: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export class JoinTokenError extends Error {
  override readonly name = 'JoinTokenError';
}

export function encodeJoinToken(token: JoinToken): string {
  const { serverName, fingerprint, addresses, secret, expiresAt } = token;
  const fields = { server_name: serverName, fingerprint, addresses, secret, expires_at: expiresAt };
  return Buffer.from(JSON.stringify(fields)).toString('base64');
}

/** Throws a `JoinTokenError` whose message says what is missing; it never repeats the token. */
export function decodeJoinToken(text: string): JoinToken {
  const fields = parseFields(text.trim());
  const serverName = readText(fields, 'server_name', 'the join token names no member');
  const addresses = fields['addresses'];
  if (!Array.isArray(addresses) || addresses.length === 0 || !addresses.every(isText)) {
    throw new JoinTokenError('the join token has no address of a cluster member');
  }
  const secret = readText(fields, 'secret', 'the join token has no secret');
  const fingerprint = readText(fields, 'fingerprint', 'the join token has no certificate fingerprint');
  if (!/^[0-9a-f]{64}$/i.test(fingerprint)) {
    throw new JoinTokenError('the certificate fingerprint in the join token is not a SHA-256 in hex');
  }
  const expiresAt = fields['expires_at'];
  return {
    serverName,
    addresses,
    secret,
    fingerprint: fingerprint.toLowerCase(),
    // Left out by old issuers: the cluster decides anyway, and is asked.
    expiresAt: isText(expiresAt) ? expiresAt : '',
  };
}

function parseFields(text: string): Readonly<Record<string, unknown>> {
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    try {
      const fields: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
      if (typeof fields === 'object' && fields !== null) return fields as Record<string, unknown>; // checked field by field
    } catch {
      // Falls through: a parser's message would quote the token.
    }
  }
  throw new JoinTokenError('this is not a join token; copy the whole line that "musterd token" printed');
}

function readText(fields: Readonly<Record<string, unknown>>, name: string, problem: string): string {
  const value = fields[name];
  if (!isText(value)) throw new JoinTokenError(problem);
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
