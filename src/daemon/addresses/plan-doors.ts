import { isIP } from 'node:net';
import { isWildcard, parseAddress, requireAddress, type HostPort } from '../address.ts';

/** An IP address and a port on which the API is served. */
export interface Door {
  readonly host: string;
  readonly port: number;
  /** Nobody misses it where it cannot be had. */
  readonly isOptional?: true;
}

export interface DoorWishes {
  /** `host:port`; a wildcard stands for every address of the host. */
  readonly addresses: readonly string[];
  /** Served while this host has it. */
  readonly virtualAddress: string | undefined;
}

export interface HostView {
  /** Every IP address that the host has now. */
  readonly localAddresses: readonly string[];
  /** What the member's own port listens on already. */
  readonly mainDoor: HostPort;
  /** IP addresses of a name; none when it cannot be resolved. */
  readonly resolved: ReadonlyMap<string, readonly string[]>;
}

export interface DoorPlan {
  readonly doors: readonly Door[];
  /** One sentence for each address that is asked for and cannot be had. */
  readonly problems: readonly string[];
}

/**
 * Which doors have to be open. A wildcard is one door for each address of the host: the member's own port may be the
 * same, and a socket for all addresses would clash with it.
 */
export function planDoors({ addresses, virtualAddress }: DoorWishes, host: HostView): DoorPlan {
  const wishes = addresses.map((address) => planOne(address, host));
  const virtual = virtualAddress === undefined ? [] : planVirtual(virtualAddress, host);
  const all = [...wishes.flatMap(({ doors }) => doors), ...virtual];
  const wanted = all.filter((door) => !isCovered(door, host.mainDoor));
  const unique = new Map(wanted.map((door) => [formatDoor(door), door]));
  return { doors: [...unique.values()], problems: wishes.flatMap(({ problems }) => problems) };
}

export function formatDoor({ host, port }: Door): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function planOne(address: string, { localAddresses, resolved }: HostView): DoorPlan {
  const parsed = parseAddress(address);
  if (parsed.problem !== undefined) return { doors: [], problems: [parsed.problem] };
  const { host, port } = parsed;
  if (isWildcard(host)) {
    const family = host === '::' ? undefined : 4;
    const own = localAddresses.filter((local) => family === undefined || isIP(local) === family);
    return { doors: own.map((local) => ({ host: local, port })), problems: [] };
  }
  // Whether it can be had shows when it is opened: a host has more addresses than it lists.
  if (isIP(host) !== 0) return { doors: [{ host, port }], problems: [] };
  const ips = resolved.get(host) ?? [];
  const own = ips.filter((ip) => localAddresses.includes(ip) || ip.startsWith('127.'));
  if (own.length > 0) return { doors: own.map((local) => ({ host: local, port })), problems: [] };
  return { doors: [], problems: [explain(address, host, ips)] };
}

/** Another member has it most of the time. */
function planVirtual(address: string, { localAddresses }: HostView): readonly Door[] {
  const { host, port } = requireAddress(address);
  return localAddresses.includes(host) ? [{ host, port, isOptional: true }] : [];
}

function explain(address: string, host: string, ips: readonly string[]): string {
  if (ips.length === 0) return `it cannot listen on ${address}: the name ${host} has no address`;
  return `it cannot listen on ${address}: ${host} is ${ips.join(', ')}, and no interface of this host has that`;
}

function isCovered({ host, port }: Door, main: HostPort): boolean {
  if (port !== main.port) return false;
  return host === main.host || main.host === '::' || (main.host === '0.0.0.0' && isIP(host) === 4);
}
