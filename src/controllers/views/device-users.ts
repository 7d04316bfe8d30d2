import { instanceProfiles } from '../../api/defaults.ts';
import type { Instance } from '../../api/generated/instance.ts';
import { defaultNamespace } from '../../api/names.ts';
import { formatKey, keyOf } from '../../api/resource.ts';
import { networksOf, poolsOf, type Devices } from '../../reconcilers/instance/devices.ts';
import type { InformerChange } from '../../runtime/informer.ts';
import type { ControllerInformers } from '../informers.ts';

/** Which instances use a pool or a network, kept up to date: each of them changes often, and there are thousands. */
export interface DeviceUsers {
  /** Keys of instances. */
  ofPool(pool: string): Iterable<string>;
  ofNetwork(network: string): Iterable<string>;
  close(): void;
}

interface Used {
  readonly pools: readonly string[];
  readonly networks: readonly string[];
}

/** `devicesOf` counts profiles in, so that a change of one concerns the instances that name it. */
export function createDeviceUsers(
  { instances, profiles }: Pick<ControllerInformers, 'instances' | 'profiles'>,
  devicesOf: (instance: Instance) => Devices,
): DeviceUsers {
  const used = new Map<string, Used>();
  const [poolUsers, networkUsers] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];

  const put = (key: string, instance: Instance | undefined): void => {
    const before = used.get(key);
    for (const pool of before?.pools ?? []) forget(poolUsers, pool, key);
    for (const network of before?.networks ?? []) forget(networkUsers, network, key);
    used.delete(key);
    if (instance === undefined) return;
    const devices = devicesOf(instance);
    const now = { pools: poolsOf(devices), networks: networksOf(devices) };
    used.set(key, now);
    for (const pool of now.pools) usersIn(poolUsers, pool).add(key);
    for (const network of now.networks) usersIn(networkUsers, network).add(key);
  };
  for (const instance of instances.list()) put(keyOf(instance), instance);
  const stops = [
    instances.subscribe((change) => {
      if (isOtherSpec(change)) put(change.key, change.after);
    }),
    profiles.subscribe(({ key }) => {
      for (const instance of instances.list()) {
        const { namespace = defaultNamespace } = instance.metadata;
        const named = instanceProfiles(instance.spec).map((name) => formatKey({ namespace, name }));
        if (named.includes(key)) put(keyOf(instance), instance);
      }
    }),
  ];
  return {
    ofPool: (pool) => poolUsers.get(pool) ?? [],
    ofNetwork: (network) => networkUsers.get(network) ?? [],
    close() {
      for (const stop of stops) stop();
    },
  };
}

/** What a host reports says nothing about devices. */
function isOtherSpec({ before, after }: InformerChange<Instance>): boolean {
  return (
    before?.metadata.uid !== after?.metadata.uid || before?.metadata.generation !== after?.metadata.generation
  );
}

function usersIn(all: Map<string, Set<string>>, name: string): Set<string> {
  const users = all.get(name) ?? new Set();
  all.set(name, users);
  return users;
}

function forget(all: Map<string, Set<string>>, name: string, key: string): void {
  const users = all.get(name);
  users?.delete(key);
  if (users?.size === 0) all.delete(name);
}
