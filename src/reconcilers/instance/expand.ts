import type { Instance } from '../../api/generated/instance.ts';
import type { Profile } from '../../api/generated/profile.ts';

export type Device = NonNullable<Instance['spec']['devices']>[string];

/** Profiles apply in their order, the instance last; a device replaces one of the same name as a whole. */
export function expandDevices({ spec }: Instance, profiles: readonly Profile[]): ReadonlyMap<string, Device> {
  const layers = [...profiles.map((profile) => profile.spec), spec];
  return new Map(layers.flatMap(({ devices }) => Object.entries(devices ?? {})));
}

/** `[]` means none; only an absent list means the default. */
export function profileNames({ spec }: Instance): readonly string[] {
  return spec.profiles ?? ['default'];
}

/** The disk that holds the root file system. */
export function findRootDisk(devices: ReadonlyMap<string, Device>): Device['disk'] {
  return [...devices.values()].find(({ type, disk }) => type === 'disk' && disk?.path === '/')?.disk;
}

export function poolsOf(devices: ReadonlyMap<string, Device>): readonly string[] {
  return unique([...devices.values()].map(({ disk }) => disk?.pool));
}

export function networksOf(devices: ReadonlyMap<string, Device>): readonly string[] {
  return unique([...devices.values()].map(({ nic }) => nic?.network));
}

function unique(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== undefined))];
}
