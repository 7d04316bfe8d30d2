import { join } from 'node:path';
import {
  clusters,
  images,
  instances,
  members,
  networks,
  profiles,
  storagePools,
} from '../api/generated/resources.ts';
import type { FeatureLevels } from '../api/feature-level.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { formatKey, keyOf, type Resource } from '../api/resource.ts';
import type { InformerOptions } from '../runtime/create-informer.ts';
import type { Informer } from '../runtime/informer.ts';
import { mergeKeys, ownKeys, relatedKeys, type KeyStream } from '../runtime/key-stream.ts';
import { createWorkQueue, type WorkQueue } from '../runtime/work-queue.ts';
import type { AgentTools, Reconcile } from './agent-tools.ts';
import type { Host } from './host.ts';
import { createImageAgent, type FetchContent } from './image/image-agent.ts';
import { createNicAttachment, listNetworkHosts } from './instance/attach-nics.ts';
import { createInstanceAgent } from './instance/instance-agent.ts';
import { createInstanceDisks } from './instance/instance-disks.ts';
import { parseInstanceHostName } from './instance/names.ts';
import { createRestartPolicy } from './instance/restart-policy.ts';
import { readHostFacts } from './member/host-facts.ts';
import type { DatabaseDisk } from './member/database-disk.ts';
import { createMemberAgent } from './member/member-agent.ts';
import { createNetworkAgent, type NetworkRecord } from './network/network-agent.ts';
import { concernsPartOf } from './part-agent.ts';
import { createRecordStore } from './record-store.ts';
import { createPoolAgent, type PoolRecord } from './storage/pool-agent.ts';
import { createVirtualAddressAgent } from './virtual-address/virtual-address-agent.ts';

export interface HostAgentDeps extends AgentTools {
  readonly host: Host;
  /** Of musterd. */
  readonly version: string;
  readonly featureLevels: FeatureLevels;
  readonly createInformer: InformerFactory;
  readonly fetchContent: FetchContent;
  /** Whether the API of this member answers `/readyz` with 200. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
  /** Absent where there is no database to look after. */
  readonly databaseDisk?: DatabaseDisk;
}

/** A new informer each time; the agent starts it. */
export type InformerFactory = <T extends KubernetesObject>(
  resource: Resource<T>,
  scope?: NonNullable<InformerOptions['scope']>,
) => Informer<T>;

/** Makes this host match the objects that are assigned to it. */
export interface HostAgent {
  /** Returns at once. What runs on the host is taken over as it is; nothing is touched before the API has answered. */
  start(signal: AbortSignal): void;
  /** Resolves when the last look has ended. Instances go on running. */
  stop(): Promise<void>;
}

const longestPassMs = 20 * 60_000; // unpacking or fetching a large image
const quietMs = 50;

export function createHostAgent(deps: HostAgentDeps): HostAgent {
  const ended = new AbortController();
  let running: Promise<void> | undefined;
  return {
    start(signal) {
      running ??= run(deps, AbortSignal.any([signal, ended.signal]));
    },
    async stop() {
      ended.abort();
      await running;
    },
  };
}

async function run(deps: HostAgentDeps, signal: AbortSignal): Promise<void> {
  const { host, logger, memberName } = deps;
  const informers = createInformers(deps);
  for (const informer of Object.values(informers)) informer.start(signal);
  await Promise.race([
    Promise.all(Object.values(informers).map(({ synced }) => synced)),
    new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    }),
  ]);
  if (signal.aborted) return;
  const loops = createLoops(deps, informers);
  for (const { queue, keys } of Object.values(loops)) keys.feed(queue, signal);
  host.instances.watchExits((hostName) => {
    const name = parseInstanceHostName(hostName);
    if (name !== undefined) loops.instances.queue.add(formatKey(name));
  }, signal);
  const unsubscribe = deps.databaseDisk?.subscribe(() => loops.members.queue.add(memberName));
  signal.addEventListener('abort', () => unsubscribe?.(), { once: true });
  const leftovers = await addLeftovers(deps, loops, signal);
  logger.info({ member: memberName, onHost: leftovers }, 'the host agent works');
  await Promise.all(Object.values(loops).map(({ queue }) => queue.run(signal)));
  // Another member may have the address at once, and not only when this one has been silent for long enough.
  await host.virtualAddress.sayNotReady();
}

type AgentInformers = ReturnType<typeof createInformers>;

function createInformers({ createInformer, memberName }: HostAgentDeps) {
  return {
    instances: createInformer(instances, { fieldSelector: `status.member=${memberName}` }),
    images: createInformer(images),
    profiles: createInformer(profiles),
    pools: createInformer(storagePools),
    networks: createInformer(networks),
    clusters: createInformer(clusters),
    members: createInformer(members, { fieldSelector: `metadata.name=${memberName}` }),
  };
}

function createLoops(deps: HostAgentDeps, informers: AgentInformers) {
  const { host, memberName } = deps;
  const { places } = host;
  const poolRecords = createRecordStore<PoolRecord>(join(places.records, 'pools'));
  const networkRecords = createRecordStore<NetworkRecord>(join(places.records, 'networks'));
  const disks = createInstanceDisks({ drivers: host.storage, records: poolRecords, store: host.imageStore });

  const reconcileInstance = createInstanceAgent({
    ...deps,
    informers,
    disks,
    driver: host.instances,
    restarts: createRestartPolicy(),
    attachNics: createNicAttachment(host.networks, memberName),
  });
  const reconcileImage = createImageAgent({
    ...deps,
    images: informers.images,
    store: host.imageStore,
    importDirectory: places.imports,
  });
  const reconcilePool = createPoolAgent({
    ...deps,
    drivers: host.storage,
    records: poolRecords,
    pools: informers.pools,
    defaultDirectory: places.pools,
  });
  const reconcileNetwork = createNetworkAgent({
    ...deps,
    drivers: host.networks,
    records: networkRecords,
    networks: informers.networks,
    listHosts: (network) => listNetworkHosts(network, informers),
  });
  const reconcileMember = createMemberAgent({
    ...deps,
    members: informers.members,
    readFacts: (signal) => readHostFacts(host.commands, signal),
  });

  const reconcileVirtualAddress = createVirtualAddressAgent({
    ...deps,
    clusters: informers.clusters,
    members: informers.members,
    driver: host.virtualAddress,
  });

  const { images, pools } = informers;
  const { instanceKeys, networkKeys, memberKeys } = followRelations(informers, deps);
  return {
    instances: { queue: queueOf(deps, 'instances', 4, reconcileInstance), keys: instanceKeys, disks },
    images: { queue: queueOf(deps, 'images', 2, reconcileImage), keys: ownKeys(images) },
    pools: {
      queue: queueOf(deps, 'pools', 1, reconcilePool),
      keys: ownKeys(pools, concernsPartOf(memberName)),
      records: poolRecords,
    },
    networks: {
      queue: queueOf(deps, 'networks', 1, reconcileNetwork),
      keys: networkKeys,
      records: networkRecords,
    },
    virtualAddress: {
      queue: queueOf(deps, 'virtual address', 1, reconcileVirtualAddress),
      keys: ownKeys(informers.clusters),
    },
    members: { queue: queueOf(deps, 'members', 1, reconcileMember), keys: memberKeys },
  };
}

/** What an instance refers to, and which interfaces a network serves, changes with other objects than their own. */
function followRelations(
  { instances, images, profiles, pools, networks, members }: AgentInformers,
  { clock, memberName }: HostAgentDeps,
) {
  const concernsThis = concernsPartOf(memberName);
  const onChangeOf = <T extends KubernetesObject>(
    changed: Informer<T>,
    own: Informer<KubernetesObject>,
  ): KeyStream => relatedKeys(changed, () => own.list().map(keyOf), { quietMs, clock });
  return {
    instanceKeys: mergeKeys(
      ownKeys(instances),
      onChangeOf(images, instances),
      onChangeOf(profiles, instances),
      onChangeOf(pools, instances),
      onChangeOf(networks, instances),
    ),
    networkKeys: mergeKeys(ownKeys(networks, concernsThis), onChangeOf(instances, networks)),
    // A bridge that is just being made looks like one of the host's own.
    memberKeys: mergeKeys(
      ownKeys(members),
      relatedKeys(networks, (change) => (concernsThis(change) ? [memberName] : []), { quietMs, clock }),
    ),
  };
}

function queueOf(
  { clock, logger, random }: HostAgentDeps,
  name: string,
  workers: number,
  handle: Reconcile,
): WorkQueue {
  return createWorkQueue({ name, workers, handle, deadlineMs: longestPassMs, clock, random, logger });
}

/** Everything that is on the host is looked at once, also what no object names: each kind then asks the API. */
async function addLeftovers(
  { host }: HostAgentDeps,
  loops: ReturnType<typeof createLoops>,
  signal: AbortSignal,
): Promise<number> {
  const [defined, owners] = await Promise.all([
    host.instances.list(signal),
    loops.instances.disks.listOwners(signal),
  ]);
  const hostNames = [...new Set([...defined, ...owners])];
  for (const hostName of hostNames) {
    const name = parseInstanceHostName(hostName);
    if (name !== undefined) loops.instances.queue.add(formatKey(name));
  }
  for (const name of await loops.pools.records.list()) loops.pools.queue.add(name);
  for (const name of await loops.networks.records.list()) loops.networks.queue.add(name);
  return hostNames.length;
}
