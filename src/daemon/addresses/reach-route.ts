import { apiError } from '../../api/api-error.ts';
import { jsonAnswer, type Answer } from '../../apiserver/http/answer.ts';
import { tlsSocketOf, type Exchange } from '../../apiserver/http/exchange.ts';
import { readBody } from '../../apiserver/http/request-body.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Peer, PeerDirectory } from '../../consensus/membership/membership.ts';
import { connectToPeer, createMemberContext } from '../../consensus/peer/peer-tls.ts';
import { parseAddress } from '../address.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { pinOfKey } from '../pki/public-key.ts';
import { parseReachRequest, reachPath, type ReachAnswer } from './reach-protocol.ts';

export interface ReachRouteDeps {
  readonly peers: PeerDirectory;
  readonly clusterId: string;
  readonly memberName: string;
  readonly member: KeyedCertificate;
  readonly clock: Clock;
}

/** Open to everybody; only who holds the key of a member gets an answer, and only about that member. */
export function createReachRoute(deps: ReachRouteDeps): ExtraRoute {
  return { prefix: reachPath, isPublic: true, handle: (exchange) => answerReach(deps, exchange) };
}

async function answerReach(deps: ReachRouteDeps, exchange: Exchange): Promise<Answer> {
  if (exchange.method !== 'POST') throw apiError('MethodNotAllowed', 'this is asked with POST');
  const certificate = tlsSocketOf(exchange.request)?.getPeerX509Certificate();
  const peer =
    certificate === undefined ? undefined : deps.peers.findByPublicKey(pinOfKey(certificate.publicKey));
  if (peer === undefined) throw apiError('Unauthorized', 'a member asks with its certificate');
  const request = parseReachRequest(parseJson(await readBody(exchange)));
  if (request === undefined) throw apiError('BadRequest', 'clusterId and address are needed');
  if (request.clusterId !== deps.clusterId)
    throw apiError('Conflict', `this is the cluster ${deps.clusterId}`);
  const problem = await findProblem(deps, { ...peer, address: request.address }, exchange.signal);
  const answer: ReachAnswer = {
    ...{ member: deps.memberName, known: peer.address },
    ...(problem === undefined ? {} : { problem }),
  };
  return jsonAnswer(200, answer);
}

async function findProblem(
  { member, clock }: ReachRouteDeps,
  peer: Peer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { problem } = parseAddress(peer.address);
  if (problem !== undefined) return problem;
  try {
    (await connectToPeer(peer, createMemberContext(member), clock, signal)).destroy();
    return undefined;
  } catch (error) {
    const { cause } = error as Error; // what connecting failed of, without what it was for
    return describeError(cause ?? error);
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined; // Refused by the caller, who knows what it wants.
  }
}
