import { apiError } from '../../api/api-error.ts';
import { secrets } from '../../api/builtin.ts';
import { encodeJoinToken, JoinTokenError } from '../../api/join-token.ts';
import { jsonAnswer, type Answer } from '../../apiserver/http/answer.ts';
import type { Exchange } from '../../apiserver/http/exchange.ts';
import { readBody } from '../../apiserver/http/request-body.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { PeerDirectory } from '../../consensus/membership/membership.ts';
import type { LeadershipView } from '../../consensus/store/store.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { issueJoinToken } from '../../runtime/issue-join-token.ts';
import { isTrustPassword, trustPasswordPlace } from '../../runtime/trust-password.ts';
import type { JoinElsewhere } from '../join/join-protocol.ts';
import { createAttemptLimit, type AttemptLimit } from './attempt-limit.ts';
import { trustPath, type TrustAnswer } from './trust-protocol.ts';

export interface TrustRouteDeps {
  readonly clusterApi: Pick<ClusterApi, 'create' | 'delete' | 'get' | 'list'>;
  readonly leadership: Pick<LeadershipView, 'leader' | 'leadingTerm'>;
  readonly peers: PeerDirectory;
  readonly authority: { readonly certPem: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Attempts {
  readonly limit: AttemptLimit;
  /** Each look at a password costs 16 MiB and a core: one at a time. */
  isLooking: boolean;
}

/**
 * Where a host that knows the trust password gets an ordinary join token. Answered by the member that leads, so that
 * attempts are counted in one place.
 */
export function createTrustRoute(deps: TrustRouteDeps): ExtraRoute {
  const attempts: Attempts = { limit: createAttemptLimit(deps.clock), isLooking: false };
  return { prefix: trustPath, isPublic: true, handle: (exchange) => answerTrust(deps, attempts, exchange) };
}

async function answerTrust(deps: TrustRouteDeps, attempts: Attempts, exchange: Exchange): Promise<Answer> {
  const { leadership, peers, authority, clusterApi, clock } = deps;
  if (exchange.method !== 'POST') throw apiError('MethodNotAllowed', 'a password is sent with POST');
  if (leadership.leadingTerm === undefined) {
    const peer = leadership.leader === undefined ? undefined : peers.findByName(leadership.leader);
    if (peer === undefined) {
      throw apiError('ServiceUnavailable', 'the cluster has no leader now', { retryAfterSeconds: 1 });
    }
    const elsewhere: JoinElsewhere = { leaderAddress: peer.address };
    return jsonAnswer(307, elsewhere, { location: `https://${peer.address}${trustPath}` });
  }
  const { name, password } = parseTrustRequest(await readBody(exchange));
  await checkPassword(deps, attempts, password, exchange);
  try {
    const token = await issueJoinToken(
      { clusterApi, caPem: authority.certPem, clock },
      name,
      exchange.signal,
    );
    const answer: TrustAnswer = { token: encodeJoinToken(token) };
    deps.logger.info({ member: name, from: exchange.log.address }, 'a host has got a token for the password');
    return jsonAnswer(200, answer);
  } catch (error) {
    if (error instanceof JoinTokenError) throw apiError('Conflict', error.message);
    throw error;
  }
}

async function checkPassword(
  { clusterApi, logger }: TrustRouteDeps,
  attempts: Attempts,
  password: string,
  { log: { address = 'unknown' }, signal }: Exchange,
): Promise<void> {
  const { limit } = attempts;
  const waitMs = limit.waitMs(address);
  if (waitMs > 0) {
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    const message = `too many wrong passwords: try again in ${retryAfterSeconds} s`;
    throw apiError('TooManyRequests', message, { retryAfterSeconds });
  }
  if (attempts.isLooking) {
    throw apiError('TooManyRequests', 'another password is being looked at', { retryAfterSeconds: 1 });
  }
  attempts.isLooking = true;
  try {
    const secret = await clusterApi.get(secrets, trustPasswordPlace, signal);
    if (await isTrustPassword(secret, password)) {
      limit.succeeded(address);
      return;
    }
  } finally {
    attempts.isLooking = false;
  }
  limit.failed(address);
  logger.warn({ from: address }, 'a host has sent a wrong trust password');
  // The same words where no password is set: who guesses learns nothing.
  throw apiError('Forbidden', 'the cluster does not take this password');
}

function parseTrustRequest(body: Buffer): { readonly name: string; readonly password: string } {
  try {
    const fields = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>; // checked below
    const { name, password } = fields;
    if (typeof name === 'string' && typeof password === 'string') return { name, password };
  } catch {
    // Told below: the parser's text could quote the password.
  }
  throw apiError('BadRequest', 'the body has to be {name, password}');
}
