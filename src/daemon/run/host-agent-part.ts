import { load } from 'js-yaml';
import { images, members } from '../../api/generated/resources.ts';
import { agentComponent } from '../../api/names.ts';
import type { Subresource } from '../../apiserver/verbs/subresource.ts';
import type { DiskView } from '../../consensus/consensus.ts';
import type { PeerDirectory } from '../../consensus/membership/membership.ts';
import { createDeadline } from '../../base/deadline.ts';
import type { Clock } from '../../base/clock.ts';
import { createHostAgent } from '../../hostagent/agent.ts';
import { createCommandBroker, type CommandBroker } from '../../hostagent/exec/command-broker.ts';
import { createHost, type Host } from '../../hostagent/host.ts';
import type { FetchContent } from '../../hostagent/image/image-agent.ts';
import { openApiConnection, type ApiEndpoint } from '../../runtime/api-connection.ts';
import { isAborted, pause } from '../../runtime/backoff.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createInformer } from '../../runtime/create-informer.ts';
import { fetchContent } from '../../runtime/fetch-content.ts';
import { createEventRecorder } from '../../runtime/record-event.ts';
import { createImageContent } from './image-content.ts';
import type { MemberContext } from './member-context.ts';

export interface HostAgentDeps {
  readonly clusterApi: ClusterApi;
  /** How this member reaches its own API; the other members are reached in the same way at their addresses. */
  readonly endpoint: ApiEndpoint;
  readonly peers: PeerDirectory;
  readonly disk: DiskView;
}

export interface HostAgentPart {
  /** What the API serves from this host itself. */
  readonly subresources: readonly Subresource[];
  /** Makes this host match its objects until the signal aborts. Instances keep running. */
  run(deps: HostAgentDeps, signal: AbortSignal): Promise<void>;
  close(): void;
}

const kindsRecheckMs = 200;

/** Opened before anything else: the process that starts commands has to be forked while this one is small. */
export function openHostAgent(context: MemberContext): HostAgentPart {
  const broker = createCommandBroker(context.logger.child({ part: 'broker' }));
  const held: { host?: Host } = {};
  return {
    subresources: [
      createImageContent(
        { open: (digest) => held.host?.imageStore.open(digest) ?? Promise.resolve(undefined) },
        context.config.name,
      ),
    ],
    async run(deps, signal) {
      held.host ??= await openHost(context, broker);
      await waitForKinds(context, deps.clusterApi, signal);
      if (!isAborted(signal)) await runAgent(context, deps, held.host, signal);
    },
    close: () => {
      broker.close();
    },
  };
}

async function openHost({ dataDir, clock, drivers }: MemberContext, broker: CommandBroker): Promise<Host> {
  const deps = { commands: broker, clock, dataDir: dataDir.root, parseYaml: (text: string) => load(text) };
  if (drivers === 'real') return createHost(deps);
  const { createSimHost } = await import('../../hostagent/sim/create-sim-host.ts');
  return createSimHost(deps);
}

/** On the very first start the leader still has to define our kinds; following them before would only fail. */
async function waitForKinds(
  { clock }: MemberContext,
  clusterApi: ClusterApi,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await clusterApi.list(members, { resourceVersion: '0' }, signal);
      return;
    } catch {
      // Not there yet, or no answer: both pass, and a member whose API stays away has louder complaints.
      if (!(await pause(clock, kindsRecheckMs, signal))) return;
    }
  }
}

async function runAgent(
  context: MemberContext,
  { clusterApi, endpoint, peers, disk }: HostAgentDeps,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, version, featureLevels, config } = context;
  const logger = context.logger.child({ part: 'hostagent' });
  const memberName = config.name;
  const events = createEventRecorder({
    ...{ clusterApi, component: agentComponent, host: memberName, clock, random, logger },
  });
  const readiness = openReadyCheck(endpoint, clock);
  const agent = createHostAgent({
    ...{ memberName, clusterApi, events, clock, random, logger, host, version, featureLevels },
    createInformer: (resource, scope) =>
      createInformer(resource, {
        ...{ clusterApi, clock, random, logger },
        ...(scope === undefined ? {} : { scope }),
      }),
    fetchContent: createContentFetcher({ endpoint, peers }, context),
    isReady: (until) => readiness.isReady(until),
    databaseDisk: { level: () => disk.report.level, subscribe: (changed) => disk.subscribe(changed) },
  });
  agent.start(signal);
  await events.run(signal);
  await agent.stop();
  readiness.close();
}

const readyMs = 2_000;

/** Asked as any client would: an API that hangs is as good as none. */
function openReadyCheck(endpoint: ApiEndpoint, clock: Clock) {
  const connection = openApiConnection(endpoint);
  return {
    async isReady(signal: AbortSignal): Promise<boolean> {
      using deadline = createDeadline(clock, readyMs, 'asking whether this member is ready', signal);
      const request = { method: 'GET', path: '/readyz', headers: {} };
      const response = await connection.send(request, deadline.signal);
      response.resume();
      return response.statusCode === 200;
    },
    close() {
      connection.close();
    },
  };
}

function createContentFetcher(
  { endpoint, peers }: Pick<HostAgentDeps, 'endpoint' | 'peers'>,
  { clock }: MemberContext,
): FetchContent {
  return (memberName, image, signal) => {
    const peer = peers.findByName(memberName);
    if (peer === undefined) throw new Error(`no member is called ${memberName}`);
    const { local: _own, ...remote } = endpoint;
    const there = { ...remote, server: `https://${peer.address}` };
    return fetchContent({ endpoint: there, resource: images, name: image, clock }, signal);
  };
}
