import { clusters, members } from '../../api/generated/resources.ts';
import type { ApiServer } from '../../apiserver/api-server.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Consensus } from '../../consensus/consensus.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createInformer } from '../../runtime/create-informer.ts';
import { createApiDoors } from '../addresses/api-doors.ts';
import { keepAddresses } from '../addresses/keep-addresses.ts';
import { keepKubeconfig } from '../addresses/keep-kubeconfig.ts';
import { lacksHost } from '../addresses/certificate-hosts.ts';
import { createNameResolver } from '../addresses/resolve-names.ts';
import { moveAddress, type MoveDeps } from '../addresses/move-address.ts';
import { reachPath, type ReachAnswer, type ReachRequest } from '../addresses/reach-protocol.ts';
import { showIdentity } from '../authority/shown-identity.ts';
import { requireAddress, type HostPort } from '../address.ts';
import { requireConfig, writeConfig, type MemberConfig } from '../config.ts';
import type { KubeconfigEditor } from '../kubeconfig-file.ts';
import { postToMember } from '../post-to-member.ts';
import { credentialsOf } from '../standing/ask-standing.ts';
import { signIdentity } from '../pki/sign-identity.ts';
import { keepName } from '../rename/keep-name.ts';
import type { MemberContext } from './member-context.ts';
import { chooseListen } from './own-endpoint.ts';

export interface SelfDeps {
  readonly context: MemberContext;
  readonly consensus: Pick<Consensus, 'listen' | 'membership' | 'port' | 'store'>;
  readonly apiServer: Pick<ApiServer, 'handleConnection' | 'replaceCertificate'>;
  /** Speaks for the cluster. */
  readonly clusterApi: ClusterApi;
  /** Reads as this member. */
  readonly agentApi: ClusterApi;
  readonly kubeconfig: KubeconfigEditor;
  readonly stopWork: () => Promise<void>;
}

/**
 * What a member does about its own Member object: its name and its addresses. Resolves with the name to be started
 * under when that changes.
 */
export async function followSelf(deps: SelfDeps, signal: AbortSignal): Promise<string | undefined> {
  const { context, consensus, clusterApi, agentApi, kubeconfig, stopWork } = deps;
  const { config, clock, random } = context;
  const logger = context.logger.child({ part: 'self' });
  const options = { clusterApi: agentApi, clock, random, logger };
  const informers = {
    members: createInformer(members, options),
    clusters: createInformer(clusters, options),
  };
  informers.members.start(signal);
  informers.clusters.start(signal);
  const { store, membership } = consensus;
  const { id, name } = config;
  const named = new AbortController();
  const either = AbortSignal.any([signal, named.signal]);
  const [known] = await Promise.all([
    keepName(
      {
        ...{ store, peers: membership.peers, members: informers.members, clusterApi, stopWork },
        ...{ self: { id, name }, clock, logger },
      },
      signal,
    ).finally(() => named.abort(new Error('the member starts again'))),
    keepAddresses(
      {
        ...{ ...informers, clusterApi, memberName: name, clock, logger },
        ...describeAddresses(deps),
      },
      either,
    ),
    keepKubeconfig({ ...informers, kubeconfig, memberName: name, clock, logger }, either),
  ]);
  return known;
}

function describeAddresses(deps: SelfDeps) {
  const { context, consensus, apiServer } = deps;
  const { config, dataDir, identity, clock, logger } = context;
  const held = {
    certPem: identity.member.certPem,
    /** For which hosts it was looked at last. */
    certifiedHosts: '',
    givenAddresses: config.clientAddresses,
    isMoved: config.isMoved === true,
    address: config.address,
  };
  const change = async (edit: (config: MemberConfig) => MemberConfig): Promise<void> => {
    await writeConfig(dataDir, edit(await requireConfig(dataDir)));
  };
  const own = {
    doors: createApiDoors(apiServer, logger.child({ part: 'doors' })),
    address: () => held.address,
    mainDoor: () => ({ ...chooseListen({ ...config, address: held.address }), port: consensus.port }),
    resolveNames: createNameResolver(clock),
    givenAddresses: () => held.givenAddresses,
    async forgetGivenAddresses() {
      await change(({ clientAddresses: _told, ...settled }) => settled);
      held.givenAddresses = undefined;
    },
    isMovedByHand: () => held.isMoved,
    async forgetMovedByHand() {
      await change(({ isMoved: _edited, ...settled }) => settled);
      held.isMoved = false;
    },
    async certify(hosts: readonly string[]) {
      const asked = hosts.join(' ');
      if (asked === held.certifiedHosts) return;
      if (!lacksHost(held.certPem, hosts)) {
        held.certifiedHosts = asked;
        return;
      }
      const { name } = config;
      const { certPem } = await signIdentity(dataDir, identity, { name, hosts }, clock);
      await showIdentity(apiServer, identity, { name, certPem }, clock);
      held.certPem = certPem;
      logger.info({ hosts }, 'the certificate of this member is good for more addresses');
    },
    moveTo: (address: string, signal: AbortSignal) => moveAddress(move, address, signal),
  };
  const move: MoveDeps = {
    ...{ selfId: config.id, store: consensus.store, peers: consensus.membership.peers, clock, logger },
    listen: (at) => consensus.listen(at),
    chooseDoor: (address) => chooseNextDoor(config, own.mainDoor(), address),
    certify: (address) => own.certify([requireAddress(held.address).host, requireAddress(address).host]),
    askReach: (peer, address) => askReach(context, peer, address),
    async settle(address) {
      await change((settled) => ({ ...settled, address }));
      held.address = address;
    },
  };
  return own;
}

/** One that listens where `--listen` says goes on there; only a port of its own would be missing. */
function chooseNextDoor(config: MemberConfig, main: HostPort, address: string): HostPort | undefined {
  const next = chooseListen({ ...config, address });
  return next.host === main.host && next.port === main.port ? undefined : next;
}

const reachLimits = { connectMs: 1_000, replyMs: 5_000 };

/** A member that does not answer, or is of a release that cannot, has nothing against it. */
async function askReach(
  { config, identity, logger }: MemberContext,
  peer: Peer,
  address: string,
): Promise<ReachAnswer | undefined> {
  const { name, address: at } = peer;
  const content: ReachRequest = { clusterId: config.clusterId, address };
  try {
    const { code, body } = await postToMember(
      { address: at, path: reachPath, content },
      credentialsOf(identity, [peer]),
      reachLimits,
    );
    if (code === 200) return body as unknown as ReachAnswer; // from a member of the own authority
    logger.debug({ member: name, code }, 'a member does not say whether it reaches this one');
  } catch (error) {
    logger.debug({ member: name, reason: describeError(error) }, 'a member cannot be asked');
  }
  return undefined;
}
