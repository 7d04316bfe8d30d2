import type { PeerCertificate } from 'node:tls';
import { Agent, request } from 'undici';
import { describeError } from '../../base/describe-error.ts';
import { membersGroup } from '../../api/names.ts';
import { OperatorError } from '../operator-error.ts';
import {
  joinPath,
  joinQuestionsPath,
  type JoinAnswer,
  type JoinElsewhere,
  type JoinRequest,
  type QuestionsAnswer,
} from './join-protocol.ts';
import type { MemberConfigQuestion } from './member-config.ts';

/** How the joiner shows itself, and whom it believes. */
export interface JoinCredentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export type JoinReply =
  | { readonly kind: 'joined'; readonly answer: JoinAnswer }
  /** Ask this address instead. */
  | { readonly kind: 'elsewhere'; readonly leaderAddress: string }
  /** Worth another try: nothing was decided. */
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

// Adding a member waits for the database, and for a change of its configuration that is under way.
const replyMs = 30_000;
const connectMs = 5_000;

export async function sendJoinRequest(
  address: string,
  joinRequest: JoinRequest,
  credentials: JoinCredentials,
): Promise<JoinReply> {
  try {
    const { code, text } = await post(address, joinPath, joinRequest, credentials);
    return readReply(code, text);
  } catch (error) {
    return { kind: 'unavailable', message: describeError(error) };
  }
}

/** What a host may be asked before it joins; any member can say it. */
export async function askQuestions(
  address: string,
  joinRequest: JoinRequest,
  credentials: JoinCredentials,
): Promise<readonly MemberConfigQuestion[]> {
  const { code, text } = await post(address, joinQuestionsPath, joinRequest, credentials);
  const body = parseObject(text);
  if (code === 200) return (body as unknown as QuestionsAnswer).questions; // from a member that the token vouches for
  const message = typeof body['message'] === 'string' ? body['message'] : `it answered ${code}`;
  throw new OperatorError(`the cluster refused: ${message}`);
}

async function post(
  address: string,
  path: string,
  joinRequest: JoinRequest,
  { caPem, certPem, keyPem }: JoinCredentials,
): Promise<{ readonly code: number; readonly text: string }> {
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
      body: JSON.stringify(joinRequest),
      dispatcher,
    });
    return { code: statusCode, text: await body.text() };
  } finally {
    await dispatcher.destroy();
  }
}

/** The authority vouches for the name; the address may be one that only the joiner's network uses. */
function checkIsMember({ subject }: PeerCertificate): Error | undefined {
  if (subject.O === membersGroup) return undefined;
  return new Error('the certificate that it presents is not that of a member');
}

function readReply(code: number, text: string): JoinReply {
  const body = parseObject(text);
  if (code === 200) return { kind: 'joined', answer: body as unknown as JoinAnswer }; // from a member that the token vouches for
  if (code === 307) {
    const { leaderAddress } = body as Partial<JoinElsewhere>;
    if (leaderAddress !== undefined) return { kind: 'elsewhere', leaderAddress };
  }
  const message = typeof body['message'] === 'string' ? body['message'] : `it answered ${code}`;
  return { kind: code >= 500 || code === 429 || code === 307 ? 'unavailable' : 'refused', message };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // Whatever answered is no member; its code is all that can be told.
  }
}
