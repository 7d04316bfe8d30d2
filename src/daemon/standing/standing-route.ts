import { apiError } from '../../api/api-error.ts';
import { jsonAnswer, type Answer } from '../../apiserver/http/answer.ts';
import { tlsSocketOf, type Exchange } from '../../apiserver/http/exchange.ts';
import { readBody } from '../../apiserver/http/request-body.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { Logger } from '../../base/logger.ts';
import type { Membership, Peer } from '../../consensus/membership/membership.ts';
import {
  decodeEpoch,
  decodeTombstone,
  epochKey,
  tombstonesPrefix,
} from '../../consensus/membership/peer-entry.ts';
import type { Store } from '../../consensus/store/store.ts';
import type { JoinElsewhere } from '../join/join-protocol.ts';
import { pinOfKey } from '../pki/public-key.ts';
import { isReleased, judgeStanding, type StandingView } from './judge-standing.ts';
import {
  parseStandingRequest,
  rejoinPath,
  standingPath,
  type RejoinAnswer,
  type StandingAnswer,
} from './standing-protocol.ts';

export interface StandingRouteDeps {
  readonly store: Pick<Store, 'get' | 'leadership' | 'revision'>;
  readonly membership: Pick<Membership, 'add' | 'peers' | 'replace'>;
  readonly clusterId: string;
  readonly memberName: string;
  readonly logger: Logger;
}

interface Asker {
  readonly id: string;
  readonly publicKeySha256: string;
}

/** Open to everybody: the key that the handshake proves is the credential. */
export function createStandingRoutes(deps: StandingRouteDeps): readonly ExtraRoute[] {
  return [
    { prefix: standingPath, isPublic: true, handle: (exchange) => answerStanding(deps, exchange) },
    { prefix: rejoinPath, isPublic: true, handle: (exchange) => answerRejoin(deps, exchange) },
  ];
}

export function epochOf(store: Pick<Store, 'get'>): number {
  const entry = store.get(epochKey);
  return entry === undefined ? 1 : decodeEpoch(entry.value).epoch;
}

async function answerStanding(deps: StandingRouteDeps, exchange: Exchange): Promise<Answer> {
  const { store, clusterId, memberName: member } = deps;
  const asker = await readAsker(deps, exchange);
  if (store.revision === 0) throw notYet('this member has not reached the others since it started');
  const standing = judge(deps, asker);
  const release =
    standing === 'removed' && isReleased(asker.id, viewOf(deps)) ? { isReleased: true as const } : {};
  const answer: StandingAnswer = { clusterId, epoch: epochOf(store), standing, member, ...release };
  return jsonAnswer(200, answer);
}

async function answerRejoin(deps: StandingRouteDeps, exchange: Exchange): Promise<Answer> {
  const { store, membership, logger } = deps;
  const asker = await readAsker(deps, exchange);
  if (store.leadership.leadingTerm === undefined) return nameLeader(deps);
  const standing = judge(deps, asker);
  const peer = membership.peers.findByPublicKey(asker.publicKeySha256);
  if (peer === undefined) throw apiError('Forbidden', `this host is no member of the cluster (${standing})`);
  logger.info({ member: peer.name, standing }, 'a member asks for the database');
  const fresh = await takeBack(deps, peer, standing === 'member', exchange.signal);
  const answer: RejoinAnswer = { id: fresh.id, epoch: epochOf(store), peers: membership.peers.list() };
  return jsonAnswer(200, answer);
}

/** Asked again under the old id, the answer is the same: the first one may have been lost. */
async function takeBack(
  { membership }: StandingRouteDeps,
  peer: Peer,
  isUnderThisId: boolean,
  signal: AbortSignal,
): Promise<Peer> {
  if (isUnderThisId) return await membership.replace(peer.id, signal);
  await membership.add(peer, signal);
  return peer;
}

function nameLeader({ store: { leadership }, membership }: StandingRouteDeps): Answer {
  const peer = leadership.leader === undefined ? undefined : membership.peers.findByName(leadership.leader);
  if (peer === undefined) throw notYet('the cluster has no leader now');
  const elsewhere: JoinElsewhere = { leaderAddress: peer.address };
  return jsonAnswer(307, elsewhere, { location: `https://${peer.address}${rejoinPath}` });
}

function judge(deps: StandingRouteDeps, asker: Asker) {
  return judgeStanding(asker, viewOf(deps));
}

function viewOf({ store, membership }: StandingRouteDeps): StandingView {
  return {
    findByPublicKey: (key) => membership.peers.findByPublicKey(key),
    findTombstone: (id) => {
      const entry = store.get(tombstonesPrefix + id);
      return entry === undefined ? undefined : decodeTombstone(entry.value);
    },
  };
}

async function readAsker({ clusterId }: StandingRouteDeps, exchange: Exchange): Promise<Asker> {
  if (exchange.method !== 'POST') throw apiError('MethodNotAllowed', 'this is asked with POST');
  const certificate = tlsSocketOf(exchange.request)?.getPeerX509Certificate();
  if (certificate === undefined) throw apiError('Unauthorized', 'a member asks with its certificate');
  const request = parseStandingRequest(parseJson(await readBody(exchange)));
  if (request === undefined) throw apiError('BadRequest', 'clusterId and id are needed');
  if (request.clusterId !== clusterId) throw apiError('Conflict', `this is the cluster ${clusterId}`);
  return { id: request.id, publicKeySha256: pinOfKey(certificate.publicKey) };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined; // Refused by the caller, who knows what it wants.
  }
}

function notYet(message: string): Error {
  return apiError('ServiceUnavailable', message, { retryAfterSeconds: 1 });
}
