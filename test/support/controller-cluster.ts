import {
  images,
  instances,
  members,
  networks,
  profiles,
  storagePools,
} from '../../src/api/generated/resources.ts';
import type { KubernetesObject } from '../../src/api/meta.ts';
import type { ObjectName, Resource } from '../../src/api/resource.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { Departures } from '../../src/consensus/membership/departures.ts';
import { createControllers } from '../../src/controllers/create-controllers.ts';
import { createControllerInformers } from '../../src/controllers/informers.ts';
import type { DatabaseControl, DatabaseNode } from '../../src/controllers/views/database-view.ts';
import { createClusterApi, type ClusterApiConnection } from '../../src/runtime/create-cluster-api.ts';
import type { Informer } from '../../src/runtime/informer.ts';
import { startTestApiServer } from './api-server.ts';
import {
  buildImage,
  buildInstance,
  buildMember,
  buildNetwork,
  buildPool,
  buildProfile,
} from './build-objects.ts';

/** Real controllers over a real API server. The test plays the host agents and the database. */
export interface ControllerCluster {
  readonly clusterApi: ClusterApiConnection;
  /** Milliseconds since each member was last heard; who is not in it never was. */
  readonly heard: Map<string, number>;
  /** Who has which database role; the controllers change it. */
  readonly nodes: Map<string, DatabaseNode>;
  create<T extends KubernetesObject>(resource: Resource<T>, object: T): Promise<void>;
  get<T extends KubernetesObject>(resource: Resource<T>, name: string): Promise<T | undefined>;
  list<T extends KubernetesObject>(resource: Resource<T>): Promise<readonly T[]>;
  delete<T extends KubernetesObject>(resource: Resource<T>, name: string): Promise<void>;
  /** What an agent writes. */
  report<T extends KubernetesObject>(resource: Resource<T>, name: string, status: object): Promise<void>;
  /** A merge patch on everything but the status. */
  patch<T extends KubernetesObject>(resource: Resource<T>, name: string, patch: object): Promise<void>;
  /** Three members with a profile, a pool and a network that each has created, and an image that a has. */
  furnish(): Promise<void>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;
export const memberNames = ['a', 'b', 'c'] as const;

export async function startControllerCluster(): Promise<ControllerCluster> {
  const api = await startTestApiServer();
  const clusterApi = createClusterApi({ server: api.url, ...api.adminTls });
  const ended = new AbortController();
  const options = { clusterApi, clock: systemClock, random: Math.random, logger: silentLogger };
  const informers = createControllerInformers(options);
  const all = Object.values<Pick<Informer<KubernetesObject>, 'start'>>({ ...informers });
  for (const informer of all) informer.start(ended.signal);
  const heard = new Map<string, number>(memberNames.map((name) => [name, 0]));
  const nodes = new Map<string, DatabaseNode>(
    memberNames.map((name, index) => [
      name,
      { id: `${index + 1}`, name, role: index === 0 ? 'voter' : 'spare', isLeader: index === 0 },
    ]),
  );
  const controllers = createControllers({
    ...{ ...options, informers, memberName: 'a' },
    database: createDatabase(nodes, heard),
    authority: {
      exchange: () => undefined,
      memberNames: () => [],
      advanceExchange: () => Promise.resolve(),
      subscribe: () => () => undefined,
    },
    offerJoinToken: (name) => Promise.resolve(`muster-system/join-token-${name}`),
  });
  const running = controllers.run(ended.signal);

  const cluster: ControllerCluster = {
    clusterApi,
    heard,
    nodes,
    async create(resource, object) {
      await clusterApi.create(resource, object, signal);
    },
    get: (resource, name) => clusterApi.get(resource, nameIn(resource, name), signal),
    list: async (resource) => (await clusterApi.list(resource, {}, signal)).items,
    delete: (resource, name) => clusterApi.delete(resource, nameIn(resource, name), {}, signal),
    async report(resource, name, status) {
      const patch = { status };
      await clusterApi.mergePatch(resource, nameIn(resource, name), patch, { subresource: 'status' }, signal);
    },
    async patch(resource, name, patch) {
      await clusterApi.mergePatch(resource, nameIn(resource, name), patch, {}, signal);
    },
    furnish: () => furnish(cluster),
    async close() {
      ended.abort();
      await running;
      await clusterApi.close();
      await api.close();
    },
  };
  return cluster;
}

function createDatabase(nodes: Map<string, DatabaseNode>, heard: Map<string, number>): DatabaseControl {
  return {
    listNodes: () => Promise.resolve([...nodes.values()]),
    assignRole(name, role) {
      const node = nodes.get(name);
      if (node !== undefined) nodes.set(name, { ...node, role });
      return Promise.resolve();
    },
    transferLeadership: () => Promise.reject(new Error('nobody leads but a')),
    remove(name) {
      nodes.delete(name);
      return Promise.resolve();
    },
    lastHeard: () => heard,
    departures: new Departures(systemClock),
    subscribe: () => () => undefined,
  };
}

async function furnish(cluster: ControllerCluster): Promise<void> {
  for (const name of memberNames) await cluster.create(members, buildMember(name));
  const devices = {
    root: { type: 'disk' as const, disk: { path: '/' as const, pool: 'local' } },
    eth0: { type: 'nic' as const, nic: { network: 'lan' } },
  };
  await cluster.create(profiles, buildProfile('default', { spec: { devices } }));
  await cluster.create(storagePools, buildPool('local'));
  await cluster.create(networks, buildNetwork('lan'));
  await cluster.create(images, buildImage('busybox'));
  const parts = memberNames.map((name) => ({ name, state: 'Created' }));
  await cluster.report(storagePools, 'local', { members: parts });
  await cluster.report(networks, 'lan', { members: parts });
  await cluster.report(images, 'busybox', { members: [{ name: 'a', state: 'Ready' }] });
}

/** Creates instances of the image, all at once. */
export async function createInstances(cluster: ControllerCluster, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => cluster.create(instances, buildInstance(name))));
}

function nameIn<T extends KubernetesObject>({ namespaced }: Resource<T>, name: string): ObjectName {
  return namespaced ? { name, namespace: 'default' } : { name };
}
