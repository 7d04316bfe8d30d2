import { existsSync } from 'node:fs';

import type { Image } from '../../src/api/generated/image.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { images, instances, members, networks, storagePools } from '../../src/api/generated/resources.ts';
import type { ClusterApi } from '../../src/runtime/cluster-api.ts';

export interface DemoState {
  readonly members: readonly Member[];
  readonly images: readonly Image[];
  readonly instances: readonly Instance[];
}

export async function readDemoState(clusterApi: ClusterApi, signal: AbortSignal): Promise<DemoState> {
  const [memberList, imageList, instanceList] = await Promise.all([
    clusterApi.list(members, {}, signal),
    clusterApi.list(images, {}, signal),
    clusterApi.list(instances, {}, signal),
  ]);
  return { members: memberList.items, images: imageList.items, instances: instanceList.items };
}

/** Instances are placed only where the pool and the network are there, and on the first such members. */
export async function countPreparedMembers(clusterApi: ClusterApi, signal: AbortSignal): Promise<number> {
  const [networkList, poolList] = await Promise.all([
    clusterApi.list(networks, {}, signal),
    clusterApi.list(storagePools, {}, signal),
  ]);
  const counts = [...networkList.items, ...poolList.items].map(
    ({ status }) => status?.members?.filter(({ state }) => state === 'Created').length ?? 0,
  );
  return counts.length === 0 ? 0 : Math.min(...counts);
}

export interface Conditioned {
  readonly metadata: { readonly name: string };
  readonly status?:
    | {
        readonly conditions?:
          readonly { readonly type: string; readonly status: string; readonly message: string }[] | undefined;
      }
    | undefined;
}

export function isReady(object: Conditioned): boolean {
  return (
    object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  );
}

/** One line a stage, in the order in which the stages complete. */
export function describeProgress(state: DemoState, wanted: DemoTargets): string[] {
  const online = state.members.filter((member) => member.status?.state === 'Online');
  const replicated = state.images.map((image) => {
    const holders = image.status?.members?.filter((member) => member.state === 'Ready').length ?? 0;
    return `${image.metadata.name} on ${holders} of ${wanted.replicas}`;
  });
  const ready = state.instances.filter(isReady);
  return [
    `members online: ${online.length} of ${wanted.members}`,
    `voters: ${countRole(state, 'voter')} of ${wanted.voters}`,
    `images: ${replicated.join(', ') || 'none yet'}`,
    `instances ready: ${ready.length} of ${Math.max(state.instances.length, wanted.instances)}`,
  ];
}

export interface DemoTargets {
  readonly members: number;
  readonly voters: number;
  readonly replicas: number;
  readonly instances: number;
}

/** Everything in `manifests/demo/` is there and ready, and the cluster has the shape it should have. */
export function isComplete(state: DemoState, wanted: DemoTargets): boolean {
  return (
    state.members.filter((member) => member.status?.state === 'Online').length >= wanted.members &&
    countRole(state, 'voter') >= wanted.voters &&
    state.images.length > 0 &&
    state.images.every((image) => replicasOf(image) >= wanted.replicas) &&
    state.instances.length >= wanted.instances &&
    state.instances.every((instance) => isReady(instance) && isAlive(instance))
  );
}

/** After a resume the status still says what was before; the lab's members share our processes, so look. */
function isAlive({ status }: Instance): boolean {
  return status?.state === 'Stopped' || (status?.pid !== undefined && existsSync(`/proc/${status.pid}`));
}

function countRole(state: DemoState, role: string): number {
  return state.members.filter((member) => member.status?.databaseRole === role).length;
}

function replicasOf(image: Image): number {
  return image.status?.members?.filter((member) => member.state === 'Ready').length ?? 0;
}

/** What is not ready, and what its conditions say: for the message when the wait is over. */
export function explainUnready(state: DemoState): string[] {
  const objects: readonly Conditioned[] = [...state.images, ...state.instances];
  return objects
    .filter((object) => !isReady(object))
    .map((object) => {
      const failing = object.status?.conditions?.find(({ status }) => status !== 'True');
      return `${object.metadata.name}: ${failing === undefined ? 'no condition yet' : failing.message}`;
    });
}
