import { describeError } from '../../base/describe-error.ts';
import { OperatorError } from '../operator-error.ts';
import { postToMember, type MemberCredentials, type MemberReply } from '../post-to-member.ts';
import {
  joinPath,
  joinQuestionsPath,
  type JoinAnswer,
  type JoinElsewhere,
  type JoinRequest,
  type QuestionsAnswer,
} from './join-protocol.ts';
import type { MemberConfigQuestion } from './member-config.ts';

export type JoinCredentials = MemberCredentials;

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
// Fifty hosts that join at once keep a member busy: who gives up each time as soon as before only adds to that.
const longestConnectMs = 30_000;

/** `tries` counts from 1. */
export async function sendJoinRequest(
  address: string,
  joinRequest: JoinRequest,
  credentials: JoinCredentials,
  tries: number,
): Promise<JoinReply> {
  try {
    const limits = { connectMs: Math.min(connectMs * tries, longestConnectMs), replyMs };
    const request = { address, path: joinPath, content: joinRequest };
    return readReply(await postToMember(request, credentials, limits));
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
  const request = { address, path: joinQuestionsPath, content: joinRequest };
  const { code, body } = await postToMember(request, credentials, { connectMs, replyMs });
  if (code === 200) return (body as unknown as QuestionsAnswer).questions; // from a member that the token vouches for
  const message = typeof body['message'] === 'string' ? body['message'] : `it answered ${code}`;
  throw new OperatorError(`the cluster refused: ${message}`);
}

function readReply({ code, body }: MemberReply): JoinReply {
  if (code === 200) return { kind: 'joined', answer: body as unknown as JoinAnswer }; // from a member that the token vouches for
  if (code === 307) {
    const { leaderAddress } = body as Partial<JoinElsewhere>;
    if (leaderAddress !== undefined) return { kind: 'elsewhere', leaderAddress };
  }
  const message = typeof body['message'] === 'string' ? body['message'] : `it answered ${code}`;
  return { kind: code >= 500 || code === 429 || code === 307 ? 'unavailable' : 'refused', message };
}
