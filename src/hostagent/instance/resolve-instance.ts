import { expandInstance, type ExpandedInstance } from '../../api/expand-instance.ts';
import type { Image } from '../../api/generated/image.ts';
import type { Instance, InstanceDeviceNic } from '../../api/generated/instance.ts';
import type { Network } from '../../api/generated/network.ts';
import type { Profile } from '../../api/generated/profile.ts';
import type { StoragePool } from '../../api/generated/storage-pool.ts';
import { parseBytes } from '../../api/quantity.ts';
import { networkSettings } from '../../api/defaults.ts';
import { networkInterfaceName } from '../network/names.ts';
import type { NetworkHost } from '../network/driver.ts';
import type { InstanceLimits, NicSpec } from './driver.ts';
import { nicHostName, nicHwaddr } from './names.ts';

/** The objects that an instance refers to, as the cache has them. */
export interface InstanceWorld {
  readonly memberName: string;
  readonly getImage: (name: string) => Image | undefined;
  readonly getProfile: (name: string) => Profile | undefined;
  readonly getPool: (name: string) => StoragePool | undefined;
  readonly getNetwork: (name: string) => Network | undefined;
}

export type Resolution =
  | { readonly kind: 'resolved'; readonly parts: InstanceParts }
  /** Nothing here can help: another object has to change first. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly message: string };

export interface InstanceParts {
  readonly pool: StoragePool;
  /** Absent when the image is gone; needed only until the volume is made. */
  readonly imageDigest?: string;
  readonly nics: readonly ResolvedNic[];
  readonly limits: InstanceLimits;
  readonly environment: Readonly<Record<string, string>>;
}

export interface ResolvedNic {
  readonly network: Network;
  readonly spec: NicSpec;
  readonly host: NetworkHost;
}

const environmentPrefix = 'environment.';

export function resolveInstance(instance: Instance, world: InstanceWorld): Resolution {
  const expansion = expandInstance(instance, world.getProfile);
  if (expansion.kind === 'missing') {
    return blocked('ProfileNotFound', `profile "${expansion.profiles.join('", "')}" does not exist`);
  }
  const { instance: expanded } = expansion;
  const root = [...expanded.devices.values()].find(({ disk }) => disk?.path === '/')?.disk;
  if (root?.pool === undefined) {
    return blocked(
      'NoRootDisk',
      'no disk device has the path "/" and names a pool: add one, for instance to a profile',
    );
  }
  const pool = world.getPool(root.pool);
  if (pool === undefined || !isCreated(pool, world.memberName)) {
    return blocked('PoolNotReady', `pool ${root.pool} is not ready on this member`);
  }
  const nics = resolveNics(instance, expanded, world);
  if (!Array.isArray(nics)) return nics;
  const imageDigest = world.getImage(instance.spec.image)?.status?.digest;
  return {
    kind: 'resolved',
    parts: {
      pool,
      nics,
      limits: limitsOf(expanded),
      environment: environmentOf(expanded),
      ...(imageDigest === undefined ? {} : { imageDigest }),
    },
  };
}

function resolveNics(
  instance: Instance,
  expanded: ExpandedInstance,
  world: InstanceWorld,
): ResolvedNic[] | Extract<Resolution, { kind: 'blocked' }> {
  const nics: ResolvedNic[] = [];
  for (const [device, { nic }] of expanded.devices) {
    if (nic === undefined) continue;
    const network = world.getNetwork(nic.network);
    if (network === undefined || !isCreated(network, world.memberName)) {
      return blocked('NetworkNotReady', `network ${nic.network} is not ready on this member`);
    }
    nics.push(resolveNic(instance, device, nic, network));
  }
  return nics;
}

function resolveNic(
  instance: Instance,
  device: string,
  nic: InstanceDeviceNic,
  network: Network,
): ResolvedNic {
  const { bridge } = networkSettings(network);
  const host = buildNetworkHost(instance, device, nic, network);
  const spec: NicSpec = {
    name: nic.name ?? device,
    hostName: host.id,
    hwaddr: host.hwaddr,
    bridge: networkInterfaceName(network.metadata.name),
    mtu: nic.mtu ?? bridge.mtu,
  };
  return { network, spec, host };
}

/** One interface as its network's DHCP and DNS have to know it. */
export function buildNetworkHost(
  { metadata: { name, uid = '' } }: Instance,
  device: string,
  { hwaddr, ipv4Address, ipv6Address }: InstanceDeviceNic,
  network: Network,
): NetworkHost {
  return {
    id: nicHostName(uid, device),
    hwaddr: hwaddr ?? nicHwaddr(uid, device),
    ...(networkSettings(network).dns.mode === 'managed' ? { name } : {}),
    ...(ipv4Address === undefined ? {} : { ipv4Address }),
    ...(ipv6Address === undefined ? {} : { ipv6Address }),
  };
}

interface HasParts {
  readonly status?: { readonly members?: readonly { name: string; state: string }[] | undefined } | undefined;
}

function isCreated({ status }: HasParts, memberName: string): boolean {
  return status?.members?.some(({ name, state }) => name === memberName && state === 'Created') ?? false;
}

function limitsOf({ resources: { cpus, memory } }: ExpandedInstance): InstanceLimits {
  return {
    ...(cpus === undefined ? {} : { cpuCount: cpus }),
    ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory) }),
  };
}

function environmentOf({ config }: ExpandedInstance): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(environmentPrefix))
      .map(([key, value]) => [key.slice(environmentPrefix.length), value]),
  );
}

function blocked(reason: string, message: string): Extract<Resolution, { kind: 'blocked' }> {
  return { kind: 'blocked', reason, message };
}
