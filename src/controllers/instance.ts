import type { Instance } from '../api/generated/instance.ts';
import { instances as resource } from '../api/generated/resources.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { formatKey, keyOf } from '../api/resource.ts';
import { isDeleting } from '../reconcilers/finalizers.ts';
import { deletion, type DeletionDeps } from '../reconcilers/instance/deletion.ts';
import { networksOf, poolsOf } from '../reconcilers/instance/devices.ts';
import { finalizer, held, type FinalizerDeps } from '../reconcilers/instance/finalizer.ts';
import { summarizeUnplaced } from '../reconcilers/instance/unplaced.ts';
import { placement, type PlacementDeps } from '../reconcilers/instance/placement.ts';
import { findProblem, resolved, type Lookup, type ResolvedDeps } from '../reconcilers/instance/resolved.ts';
import type { Informer } from '../runtime/informer.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { onAvailability, onChange, onRelief } from './views/wakers.ts';
import type { World } from './views/world.ts';

type InstanceDeps = DeletionDeps & FinalizerDeps & PlacementDeps & ResolvedDeps;

export function createInstanceController(world: World, tools: ControllerTools): Controller {
  const { informers, assumed } = world;
  const { instances, images, profiles, storagePools, networks, placementGroups, clusterGroups } = informers;
  const { clock } = tools;
  return createController<Instance, InstanceDeps>(
    {
      resource,
      informer: instances,
      metadataSteps: [finalizer],
      statusSteps: [resolved, held, placement],
      deletionSteps: [deletion],
      depsFor: (stored) => depsFor(stored, world, tools),
      summarize: summarizeUnplaced,
      undo: assumed.forget,
      alsoOn: [
        onAvailability(informers, instances, clock),
        onChange(images, instances, clock, {
          concerns: (instance, { key }) => key === keyInNamespace(instance, instance.spec.image),
        }),
        onChange(profiles, instances, clock, { concerns: isSameNamespace }),
        onChange(storagePools, instances, clock, { concerns: isUnsettled }),
        onChange(networks, instances, clock, { concerns: isUnsettled }),
        onChange(placementGroups, instances, clock, { concerns: isUnsettled }),
        onChange(clusterGroups, instances, clock, { concerns: isUnsettled }),
        // What leaves a member may make room for what waits.
        onRelief(instances, clock, {
          when: ({ before, after }) => after === undefined && before !== undefined && !isStuck(before),
          waits: waitsForRoom,
        }),
      ],
    },
    tools,
  );
}

function depsFor(instance: Instance, world: World, { random }: ControllerTools): InstanceDeps {
  const { informers, assumed, references } = world;
  const { name: ownName, namespace } = instance.metadata;
  // Of thousands each time: the text of a key would be most of the work.
  const isSelf = (other: Instance['metadata']): boolean =>
    other.name === ownName && other.namespace === namespace;
  const image = informers.images.get(keyInNamespace(instance, instance.spec.image));
  const referred: ResolvedDeps = {
    images: lookup(informers.images, namespace),
    profiles: lookup(informers.profiles, namespace),
    placementGroups: lookup(informers.placementGroups, namespace),
    pools: lookup(informers.storagePools),
    networks: lookup(informers.networks),
    members: lookup(informers.members),
    clusterGroups: lookup(informers.clusterGroups),
  };
  return {
    ...referred,
    isResolvable: (one) => findProblem(one, referred) === undefined,
    getMember: (name) => informers.members.get(name),
    hasMember: (name) => informers.members.get(name) !== undefined,
    listMembers: () => informers.members.list(),
    getPlacementGroup: (name) => informers.placementGroups.get(keyInNamespace(instance, name)),
    imageArchitecture: () => image?.status?.architecture,
    deviceTrouble: (member) => deviceTrouble(instance, member, world),
    countInstances(scope) {
      const others = informers.instances.list().filter(({ metadata }) => !isSelf(metadata));
      const counted =
        scope === undefined
          ? others
          : others.filter((other) => isInGroup(other, instance, scope.placementGroup));
      return countBy(counted.map(assumed.memberOf));
    },
    pickOne(members) {
      const chosen = members[Math.floor(random() * members.length)] ?? '';
      assumed.assume(keyOf(instance), chosen);
      return chosen;
    },
  };

  function isInGroup({ metadata, spec }: Instance, like: Instance, group: string): boolean {
    return metadata.namespace === like.metadata.namespace && spec.placement?.placementGroup === group;
  }

  function deviceTrouble(
    of: Instance,
    member: string,
    { informers: { storagePools, networks } }: World,
  ): string | undefined {
    const devices = references.devicesOf(of);
    const pool = poolsOf(devices).find((name) => !hasPart(storagePools.get(name), member));
    if (pool !== undefined) return `has not created storage pool ${pool}`;
    const network = networksOf(devices).find((name) => !hasPart(networks.get(name), member));
    return network === undefined ? undefined : `has not created network ${network}`;
  }
}

interface HasParts {
  status?: { members?: { name: string; state?: string | undefined }[] | undefined } | undefined;
}

function hasPart(object: HasParts | undefined, member: string): boolean {
  return object?.status?.members?.some(({ name, state }) => name === member && state === 'Created') ?? false;
}

function lookup<T extends KubernetesObject>(informer: Informer<T>, namespace?: string): Lookup<T> {
  return {
    get: (name) => informer.get(formatKey(namespace === undefined ? { name } : { namespace, name })),
    listNames: () =>
      informer
        .list()
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .map(({ metadata }) => metadata.name),
  };
}

function countBy(members: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const member of members) {
    if (member !== undefined) counts.set(member, (counts.get(member) ?? 0) + 1);
  }
  return counts;
}

function keyInNamespace({ metadata: { namespace = 'default' } }: KubernetesObject, name: string): string {
  return formatKey({ namespace, name });
}

function isSameNamespace(instance: Instance, { key }: { readonly key: string }): boolean {
  return key.startsWith(`${instance.metadata.namespace ?? ''}/`);
}

/** Nothing but a change elsewhere helps it on. */
function isUnsettled({ metadata, status }: Instance): boolean {
  return status?.member === undefined || isDeleting(metadata) || isUnresolved(status);
}

/** It was judged and no member was found for it. Who was not judged yet is going to be, which brings it back here. */
function waitsForRoom({ metadata, status }: Instance): boolean {
  if (status === undefined || status.member !== undefined || isDeleting(metadata)) return false;
  return status.conditions?.some((known) => known.type === 'Placed' && known.status !== 'True') ?? false;
}

/** On no member, nor on the way to one. */
function isStuck({ status }: Instance): boolean {
  return status?.member === undefined && isUnresolved(status);
}

function isUnresolved({ conditions = [] }: NonNullable<Instance['status']> = {}): boolean {
  return conditions.some(({ type, status }) => type === 'Resolved' && status !== 'True');
}
