import { createApiServer, type ApiServer } from '../../apiserver/api-server.ts';
import { createControllerInformers, type ControllerInformers } from '../../controllers/informers.ts';
import type { Consensus } from '../../consensus/consensus.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import type { LeadershipView } from '../../consensus/store/store.ts';
import type { ApiEndpoint } from '../../runtime/api-connection.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createClusterApi } from '../../runtime/create-cluster-api.ts';
import { runWhileLeading } from '../../runtime/leader-run.ts';
import { createEventRecorder } from '../../runtime/record-event.ts';
import { createAuthorityRoutes } from '../authority/authority-routes.ts';
import { followExchange } from '../authority/follow-exchange.ts';
import { describeShown } from '../authority/shown-identity.ts';
import { createReachRoute } from '../addresses/reach-route.ts';
import { createBackupRoute } from '../backup/backup-route.ts';
import { followCertificates } from '../certificates/certificates-part.ts';
import { signClientCertificate } from '../pki/certificates.ts';
import { createKubeconfigEditor } from '../kubeconfig-file.ts';
import { createJoinRoute } from '../join/join-route.ts';
import { createRaftNodesRoute } from '../standing/raft-nodes-route.ts';
import { createTrustRoute } from '../trust/trust-route.ts';
import { createStandingRoutes } from '../standing/standing-route.ts';
import { applyOwnManifests } from './apply-own-manifests.ts';
import { openHostAgent } from './host-agent-part.ts';
import { leadCluster } from './lead-cluster.ts';
import type { MemberContext } from './member-context.ts';
import { openApiSocket } from './open-api-socket.ts';
import { describeAudit } from './audit-options.ts';
import { checkDisk } from './check-disk.ts';
import { describeOwnEndpoint } from './own-endpoint.ts';
import { followSelf } from './self-part.ts';
import { openConsensus } from './start-consensus.ts';
import { superviseAll } from './supervise.ts';

export interface RunningMember {
  readonly port: number;
  readonly leadership: Pick<LeadershipView, 'leader' | 'subscribe'>;
  readonly peers: () => readonly Peer[];
  /** The name under which it has to be started again, once the cluster knows it by that; its work is stopped then. */
  readonly renamed: Promise<string>;
  /** For a stop that is not the beginning of the next start: the others take over first what this member does for all. */
  leave(): Promise<void>;
  /** Stops everything in order. Instances keep running. */
  stop(): Promise<void>;
}

/** Starts every part of a member, in the order in which they need one another. */
export async function startMember(context: MemberContext): Promise<RunningMember> {
  await using starting = new AsyncDisposableStack();
  const { config, identity, clock, random, logger } = context;

  const hostAgent = openHostAgent(context);
  starting.defer(() => hostAgent.close());
  const consensus = await openConsensus(context);
  starting.defer(() => consensus.close());
  const { authority, member, controller } = identity;
  const { peers } = consensus.membership;
  const vouching = {
    authorities: () => authority.trusted,
    isKnownKey: (sha256: string) =>
      sha256 === identity.publicKeySha256 || peers.findByPublicKey(sha256) !== undefined,
  };
  // The host agent is this member and no more; everything else here speaks for the cluster.
  const agentEndpoint = describeOwnEndpoint(config, vouching, member, consensus);
  const endpoint = describeOwnEndpoint(config, vouching, controller, consensus);
  const agentApi = createClusterApi(agentEndpoint);
  const clusterApi = createClusterApi(endpoint);
  const { subresources } = hostAgent;
  const apiServer = await serveApi({ context, consensus, clusterApi, starting, subresources });

  // Before the API server, which waits for its clients' connections: our own are among them.
  starting.defer(() => clusterApi.close());
  starting.defer(() => agentApi.close());
  const stopping = new AbortController();
  const { signal } = stopping;
  const events = createEventRecorder({
    ...{ clusterApi, component: 'muster-manifests', host: config.name, clock, random, logger },
  });
  const informers = createLateInformers(context, endpoint, signal);
  starting.defer(() => informers.close());
  const lead = {
    context,
    endpoint,
    membership: consensus.membership,
    store: consensus.store,
    informers: () => informers.get(),
    events,
  };
  const { leadership } = consensus.store;
  const revision = (): number => consensus.store.revision;
  const kubeconfig = createKubeconfigEditor(context.dataDir.adminKubeconfig);
  const work = superviseAll(
    [
      { name: 'events', run: (until) => events.run(until) },
      {
        name: 'host agent',
        run: (until) =>
          hostAgent.run(
            { clusterApi: agentApi, endpoint: agentEndpoint, peers, disk: consensus.disk },
            until,
          ),
      },
      {
        name: 'certificates',
        run: (until) => followCertificates({ context, apiServer, clusterApi, kubeconfig }, until),
      },
      {
        name: 'authority',
        run: (until) =>
          followExchange({ context, store: consensus.store, apiServer, clusterApi, kubeconfig }, until),
      },
      {
        name: 'manifests',
        run: (until) => applyOwnManifests(context, { clusterApi, events, revision }, until),
      },
      {
        name: 'leader',
        run: (until) =>
          runWhileLeading(
            { leadership, run: (term, over) => leadCluster(lead, term, over), clock, random, logger },
            until,
          ),
      },
    ],
    context,
    signal,
  );
  const following = new AbortController();
  const stopWork = async (): Promise<void> => {
    stopping.abort(new Error('this member is shutting down'));
    await work;
  };
  const self = { context, consensus, apiServer, clusterApi, agentApi, kubeconfig, stopWork };
  const renaming = followSelf(self, following.signal);
  starting.defer(async () => {
    following.abort(new Error('this member is shutting down'));
    await Promise.all([stopWork(), renaming]);
  });

  const running = starting.move();
  return {
    port: consensus.port,
    leadership,
    peers: () => peers.list(),
    // At a stop nobody waits for a name any more.
    renamed: renaming.then((name) => name ?? new Promise<never>(() => undefined)),
    leave: () => consensus.leave(),
    stop: () => running.disposeAsync(),
  };
}

interface ServeApi {
  readonly context: MemberContext;
  readonly consensus: Consensus;
  readonly clusterApi: ClusterApi;
  readonly starting: AsyncDisposableStack;
  readonly subresources: Parameters<typeof createApiServer>[0]['subresources'];
}

async function serveApi({
  context,
  consensus,
  clusterApi,
  starting,
  subresources = [],
}: ServeApi): Promise<ApiServer> {
  const { config, identity, version, featureLevels, clock, logger } = context;
  const { store, membership } = consensus;
  const { authority, member } = identity;
  const reachRoute = createReachRoute({
    ...{ peers: membership.peers, clusterId: config.clusterId, memberName: config.name, member, clock },
  });
  const joinRoute = createJoinRoute({
    ...{ clusterApi, membership, leadership: store.leadership, authority, version, clock },
    clusterId: config.clusterId,
    memberName: config.name,
    logger: logger.child({ part: 'join' }),
  });
  const trustRoute = createTrustRoute({
    ...{ clusterApi, leadership: store.leadership, peers: membership.peers, authority, clock },
    logger: logger.child({ part: 'trust' }),
  });
  const standingRoutes = createStandingRoutes({
    ...{ store, membership, clusterId: config.clusterId, memberName: config.name },
    logger: logger.child({ part: 'standing' }),
  });
  const backupRoute = createBackupRoute({
    ...{ store, authority, clusterId: config.clusterId, memberName: config.name, version, clock },
    featureLevel: featureLevels.newest,
    logger: logger.child({ part: 'backup' }),
  });
  const apiServer = createApiServer({
    ...{ store, clock, logger, version, subresources },
    ...(await describeShown(identity, { name: config.name, certPem: member.certPem }, clock)),
    authorities: () => authority.trusted,
    memberName: config.name,
    tokenKeys: () => authority.tokenKeys,
    signCertificate: (request) => signClientCertificate(authority, { ...request, groups: [] }, clock.now()),
    extraRoutes: [
      reachRoute,
      joinRoute,
      trustRoute,
      backupRoute,
      createRaftNodesRoute({ store, membership }),
      ...standingRoutes,
      ...createAuthorityRoutes({ store, authority, clock, logger: logger.child({ part: 'authority' }) }),
    ],
    audit: await describeAudit(context.dataDir),
    healthChecks: { disk: () => checkDisk(consensus.disk.report) },
    isMemberKey: (name, sha256) => membership.peers.findByName(name)?.publicKeySha256 === sha256,
  });
  starting.defer(() => apiServer.close());
  starting.use(await openApiSocket(consensus.apiSocketPath, apiServer));
  consensus.onApiConnection((socket, remote) => {
    apiServer.handleConnection(socket, remote);
  });
  return apiServer;
}

type Startable = Pick<ControllerInformers['members'], 'start'>;

interface LateInformers {
  get(): ControllerInformers;
  close(): Promise<void>;
}

/** Made at the first term: a member that never leads has no use for them. Later terms find them filled. */
function createLateInformers(
  { clock, random, logger }: MemberContext,
  endpoint: ApiEndpoint,
  signal: AbortSignal,
): LateInformers {
  const clusterApi = createClusterApi(endpoint);
  const held: { informers?: ControllerInformers } = {};
  return {
    get() {
      held.informers ??= createControllerInformers({ clusterApi, clock, random, logger });
      // Starting one that runs changes nothing.
      for (const informer of Object.values<Startable>({ ...held.informers })) informer.start(signal);
      return held.informers;
    },
    close: () => clusterApi.close(),
  };
}
