import type { InstanceDevice } from '../../api/generated/instance.ts';

export type Devices = ReadonlyMap<string, InstanceDevice>;

/** The disk that holds the root file system. */
export function findRootDisk(devices: Devices): InstanceDevice['disk'] {
  return [...devices.values()].find(({ type, disk }) => type === 'disk' && disk?.path === '/')?.disk;
}

export function poolsOf(devices: Devices): readonly string[] {
  return unique([...devices.values()].map(({ type, disk }) => (type === 'disk' ? disk?.pool : undefined)));
}

export function networksOf(devices: Devices): readonly string[] {
  return unique([...devices.values()].map(({ type, nic }) => (type === 'nic' ? nic?.network : undefined)));
}

function unique(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== undefined))];
}
