import type { Instance } from '../../api/generated/instance.ts';
import type { Profile } from '../../api/generated/profile.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { formatKey, keyOf } from '../../api/resource.ts';
import {
  expandDevices,
  networksOf,
  poolsOf,
  profileNames,
  type Device,
} from '../../reconcilers/instance/expand.ts';
import type { ControllerInformers } from '../informers.ts';

/** Who refers to what, answered from the caches. */
export interface References {
  instancesOfImage(image: KubernetesObject): readonly Instance[];
  instancesOfProfile(profile: KubernetesObject): readonly Instance[];
  instancesOfPlacementGroup(group: KubernetesObject): readonly Instance[];
  instancesOfClusterGroup(group: KubernetesObject): readonly Instance[];
  /** Instances and profiles, as people name them. */
  usersOfPool(pool: KubernetesObject): readonly string[];
  usersOfNetwork(network: KubernetesObject): readonly string[];
  profilesOf(instance: Instance): readonly Profile[];
  devicesOf(instance: Instance): ReadonlyMap<string, Device>;
}

export function createReferences({ instances, profiles }: ControllerInformers): References {
  const inNamespaceOf = ({ metadata }: KubernetesObject): readonly Instance[] =>
    instances.list().filter((instance) => instance.metadata.namespace === metadata.namespace);

  function profilesOf(instance: Instance): readonly Profile[] {
    const { namespace = 'default' } = instance.metadata;
    return profileNames(instance).flatMap((name) => profiles.get(formatKey({ namespace, name })) ?? []);
  }

  function devicesOf(instance: Instance): ReadonlyMap<string, Device> {
    return expandDevices(instance, profilesOf(instance));
  }

  function usersBy(
    namesIn: (devices: ReadonlyMap<string, Device>) => readonly string[],
    name: string,
  ): string[] {
    const users = instances.list().filter((instance) => namesIn(devicesOf(instance)).includes(name));
    const carriers = profiles
      .list()
      .filter(({ spec }) => namesIn(new Map(Object.entries(spec.devices ?? {}))).includes(name));
    return [...users.map(nameInstance), ...carriers.map((profile) => `profile ${keyOf(profile)}`)];
  }

  return {
    instancesOfImage: (image) =>
      inNamespaceOf(image).filter(({ spec }) => spec.image === image.metadata.name),
    instancesOfProfile: (profile) =>
      inNamespaceOf(profile).filter((instance) => profileNames(instance).includes(profile.metadata.name)),
    instancesOfPlacementGroup: (group) =>
      inNamespaceOf(group).filter(({ spec }) => spec.placement?.placementGroup === group.metadata.name),
    instancesOfClusterGroup: (group) =>
      instances.list().filter(({ spec }) => spec.placement?.clusterGroup === group.metadata.name),
    usersOfPool: (pool) => usersBy(poolsOf, pool.metadata.name),
    usersOfNetwork: (network) => usersBy(networksOf, network.metadata.name),
    profilesOf,
    devicesOf,
  };
}

export function nameInstance(instance: Instance): string {
  return `instance ${keyOf(instance)}`;
}
