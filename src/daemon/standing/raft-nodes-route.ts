import { apiError } from '../../api/api-error.ts';
import { jsonAnswer, type Answer } from '../../apiserver/http/answer.ts';
import type { Exchange } from '../../apiserver/http/exchange.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { Membership } from '../../consensus/membership/membership.ts';
import { decodeTombstone, tombstonesPrefix } from '../../consensus/membership/peer-entry.ts';
import type { Store } from '../../consensus/store/store.ts';
import type { JoinElsewhere } from '../join/join-protocol.ts';

export const raftNodesPath = '/muster/v1/raft-nodes';

export interface RaftNodesDeps {
  readonly store: Pick<Store, 'leadership' | 'range'>;
  readonly membership: Pick<Membership, 'listNodes' | 'peers' | 'removeLeftover'>;
}

/** The Raft configuration as the leader has it; RBAC decides who may see it, and remove a leftover node. */
export function createRaftNodesRoute(deps: RaftNodesDeps): ExtraRoute {
  return { prefix: raftNodesPath, handle: (exchange) => answer(deps, exchange) };
}

async function answer(deps: RaftNodesDeps, { method, url, signal }: Exchange): Promise<Answer> {
  const { store, membership } = deps;
  if (store.leadership.leadingTerm === undefined) return nameLeader(deps, url.pathname);
  const nodes = await membership.listNodes(signal);
  const wanted = decodeURIComponent(url.pathname.slice(raftNodesPath.length + 1));
  if (method === 'GET' && wanted === '') return jsonAnswer(200, { nodes });
  if (method !== 'DELETE' || wanted === '') {
    throw apiError(
      'MethodNotAllowed',
      `GET ${raftNodesPath} and DELETE ${raftNodesPath}/ID-OR-ADDRESS are served`,
    );
  }
  const ids = findIds(deps, wanted);
  const node = nodes.find(({ id }) => ids.has(id));
  if (node === undefined) throw apiError('NotFound', `No raft node with address "${wanted}"`);
  const member = membership.peers.findById(node.id);
  if (member !== undefined) {
    throw apiError(
      'Conflict',
      `that raft node is the member ${member.name}: delete the Member ${member.name} instead`,
    );
  }
  await membership.removeLeftover(node.id, signal);
  return jsonAnswer(200, { removed: node });
}

/** An id, the address that Raft uses, or that at which the member is or was. */
function findIds({ store, membership }: RaftNodesDeps, wanted: string): ReadonlySet<string> {
  const gone = store.range(tombstonesPrefix).entries.map(({ value }) => decodeTombstone(value));
  const known = [...gone, ...membership.peers.list()].filter(({ address }) => address === wanted);
  return new Set([wanted.replace(/^member:/, ''), ...known.map(({ id }) => id)]);
}

function nameLeader({ store: { leadership }, membership }: RaftNodesDeps, path: string): Answer {
  const peer = leadership.leader === undefined ? undefined : membership.peers.findByName(leadership.leader);
  if (peer === undefined) {
    throw apiError('ServiceUnavailable', 'the cluster has no leader now', { retryAfterSeconds: 1 });
  }
  const elsewhere: JoinElsewhere = { leaderAddress: peer.address };
  return jsonAnswer(307, elsewhere, { location: `https://${peer.address}${path}` });
}
