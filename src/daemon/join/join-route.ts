import type { TLSSocket } from 'node:tls';
import { apiError } from '../../api/api-error.ts';
import { jsonAnswer, type Answer } from '../../apiserver/http/answer.ts';
import { tlsSocketOf, type Exchange } from '../../apiserver/http/exchange.ts';
import { readBody } from '../../apiserver/http/request-body.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { LeadershipView } from '../../consensus/store/store.ts';
import { pinOfKey } from '../pki/public-key.ts';
import { acceptJoin, answerQuestions, type AcceptJoinDeps } from './accept-join.ts';
import { joinPath, joinQuestionsPath, type JoinElsewhere } from './join-protocol.ts';

export interface JoinRouteDeps extends AcceptJoinDeps {
  readonly leadership: LeadershipView;
  readonly memberName: string;
}

/** Where hosts that are no members yet ask to become one. The token is the credential, so it is open to everybody. */
export function createJoinRoute(deps: JoinRouteDeps): ExtraRoute {
  return {
    prefix: joinPath,
    isPublic: true,
    handle: (exchange) => answerJoin(deps, exchange),
  };
}

async function answerJoin(deps: JoinRouteDeps, exchange: Exchange): Promise<Answer> {
  if (exchange.method !== 'POST') throw apiError('MethodNotAllowed', 'joining is done with POST');
  if (exchange.url.pathname === joinQuestionsPath) {
    const asked = parseBody(await readBody(exchange));
    const proven = provenKey(tlsSocketOf(exchange.request));
    return jsonAnswer(200, await answerQuestions(deps, asked, proven, exchange.signal));
  }
  const { leadership, membership } = deps;
  if (leadership.leadingTerm === undefined) {
    const { leader } = leadership;
    const peer = leader === undefined ? undefined : membership.peers.findByName(leader);
    if (peer === undefined) {
      throw apiError('ServiceUnavailable', 'the cluster has no leader now', { retryAfterSeconds: 1 });
    }
    const elsewhere: JoinElsewhere = { leaderAddress: peer.address };
    return jsonAnswer(307, elsewhere, { location: `https://${peer.address}${joinPath}` });
  }
  const body = parseBody(await readBody(exchange));
  const proven = provenKey(tlsSocketOf(exchange.request));
  return jsonAnswer(200, await acceptJoin(deps, body, proven, exchange.signal));
}

/** The handshake has proven that the caller holds this key; nobody vouches for the rest of the certificate. */
function provenKey(socket: TLSSocket | undefined): string | undefined {
  const certificate = socket?.getPeerX509Certificate();
  return certificate === undefined ? undefined : pinOfKey(certificate.publicKey);
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined; // Refused as "not a request to join"; the parser's text could quote the token.
  }
}
