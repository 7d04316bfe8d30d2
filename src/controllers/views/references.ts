import { instanceProfiles } from '../../api/defaults.ts';
import { expandInstance } from '../../api/expand-instance.ts';
import type { Instance } from '../../api/generated/instance.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { defaultNamespace } from '../../api/names.ts';
import { formatKey, keyOf } from '../../api/resource.ts';
import { networksOf, poolsOf, type Devices } from '../../reconcilers/instance/devices.ts';
import type { ControllerInformers } from '../informers.ts';
import { createDeviceUsers } from './device-users.ts';

/** Who refers to what, answered from the caches. */
export interface References {
  instancesOfImage(image: KubernetesObject): readonly Instance[];
  instancesOfProfile(profile: KubernetesObject): readonly Instance[];
  instancesOfPlacementGroup(group: KubernetesObject): readonly Instance[];
  instancesOfClusterGroup(group: KubernetesObject): readonly Instance[];
  /** Instances and profiles, as people name them. */
  usersOfPool(pool: KubernetesObject): readonly string[];
  usersOfNetwork(network: KubernetesObject): readonly string[];
  devicesOf(instance: Instance): Devices;
  /** Lets go of the caches. */
  close(): void;
}

export function createReferences({ instances, profiles }: ControllerInformers): References {
  const inNamespaceOf = ({ metadata }: KubernetesObject): readonly Instance[] =>
    instances.list().filter((instance) => instance.metadata.namespace === metadata.namespace);

  function devicesOf(instance: Instance): Devices {
    const { namespace = defaultNamespace } = instance.metadata;
    const expand = (spec: Instance['spec']): ReturnType<typeof expandInstance> =>
      expandInstance({ ...instance, spec }, (name) => profiles.get(formatKey({ namespace, name })));
    const all = expand(instance.spec);
    if (all.kind === 'expanded') return all.instance.devices;
    // What is there of it refers to other things all the same.
    const present = instanceProfiles(instance.spec).filter((name) => !all.profiles.includes(name));
    const some = expand({ ...instance.spec, profiles: present });
    return some.kind === 'expanded' ? some.instance.devices : new Map();
  }

  const deviceUsers = createDeviceUsers({ instances, profiles }, devicesOf);

  function nameUsers(
    users: Iterable<string>,
    namesIn: (devices: Devices) => readonly string[],
    name: string,
  ): string[] {
    const carriers = profiles
      .list()
      .filter(({ spec }) => namesIn(new Map(Object.entries(spec.devices ?? {}))).includes(name));
    return [...Array.from(users, nameInstanceOf), ...carriers.map((profile) => `profile ${keyOf(profile)}`)];
  }

  return {
    instancesOfImage: (image) =>
      inNamespaceOf(image).filter(({ spec }) => spec.image === image.metadata.name),
    instancesOfProfile: (profile) =>
      inNamespaceOf(profile).filter((instance) =>
        instanceProfiles(instance.spec).includes(profile.metadata.name),
      ),
    instancesOfPlacementGroup: (group) =>
      inNamespaceOf(group).filter(({ spec }) => spec.placement?.placementGroup === group.metadata.name),
    instancesOfClusterGroup: (group) =>
      instances.list().filter(({ spec }) => spec.placement?.clusterGroup === group.metadata.name),
    usersOfPool: (pool) => nameUsers(deviceUsers.ofPool(pool.metadata.name), poolsOf, pool.metadata.name),
    usersOfNetwork: (network) =>
      nameUsers(deviceUsers.ofNetwork(network.metadata.name), networksOf, network.metadata.name),
    devicesOf,
    close: () => {
      deviceUsers.close();
    },
  };
}

export function nameInstance(instance: Instance): string {
  return nameInstanceOf(keyOf(instance));
}

function nameInstanceOf(key: string): string {
  return `instance ${key}`;
}
