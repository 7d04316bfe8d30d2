/** How LXD's flat keys become fields. */
export interface KeyTable {
  readonly takesUserKeys: boolean;
  readonly keys: Readonly<Record<string, KeyRule>>;
}

interface KeyRule {
  /** Where the value goes in the spec; `member` stands for this member's entry of `spec.members`. */
  readonly path: readonly string[];
  /** Undefined: the text is not what the key takes. */
  readonly read: (text: string) => unknown;
  readonly expects: string;
}

const text = (...path: string[]): KeyRule => ({ path, read: (value) => value, expects: 'text' });
const integer = (...path: string[]): KeyRule => ({
  path,
  read: (value) => (/^-?\d+$/.test(value) ? Number(value) : undefined),
  expects: 'an integer',
});
const flag = (...path: string[]): KeyRule => ({
  path,
  read: (value) => flags.get(value.toLowerCase()),
  expects: 'true or false',
});
const list = (...path: string[]): KeyRule => ({
  path,
  read: (value) => value.split(',').map((part) => part.trim()),
  expects: 'a list',
});
const flags: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

export const clusterKeys: KeyTable = {
  takesUserKeys: false,
  keys: {
    'cluster.healing_threshold': integer('healingThresholdSeconds'),
    'cluster.images_minimal_replica': integer('imagesMinimalReplica'),
    'cluster.join_token_expiry': text('joinTokenExpiry'),
    'cluster.max_standby': integer('maxStandby'),
    'cluster.max_voters': integer('maxVoters'),
    'cluster.offline_threshold': integer('offlineThresholdSeconds'),
  },
};

export const poolKeys: KeyTable = { takesUserKeys: true, keys: { source: text('member', 'source') } };

export const networkKeys: KeyTable = {
  takesUserKeys: true,
  keys: {
    'bridge.driver': text('bridge', 'driver'),
    'bridge.external_interfaces': list('member', 'externalInterfaces'),
    'bridge.hwaddr': text('bridge', 'hwaddr'),
    'bridge.mode': text('bridge', 'mode'),
    'bridge.mtu': integer('bridge', 'mtu'),
    'dns.domain': text('dns', 'domain'),
    'dns.mode': text('dns', 'mode'),
    'ipv4.address': text('ipv4', 'address'),
    'ipv4.dhcp': flag('ipv4', 'dhcp'),
    'ipv4.dhcp.ranges': list('ipv4', 'dhcpRanges'),
    'ipv4.nat': flag('ipv4', 'nat'),
    'ipv6.address': text('ipv6', 'address'),
    'ipv6.dhcp': flag('ipv6', 'dhcp'),
    'ipv6.nat': flag('ipv6', 'nat'),
    parent: text('member', 'parent'),
  },
};

const memoryUnits: ReadonlyMap<string, string> = new Map([
  ['', ''],
  ['B', ''],
  ['kB', 'k'],
  ['MB', 'M'],
  ['GB', 'G'],
  ['TB', 'T'],
  ['KiB', 'Ki'],
  ['MiB', 'Mi'],
  ['GiB', 'Gi'],
  ['TiB', 'Ti'],
]);

/** LXD writes 512MiB where Kubernetes writes 512Mi. */
function readMemory(value: string): string | undefined {
  const [, amount, unit = ''] = /^(\d+)\s*([A-Za-z]*)$/.exec(value) ?? [];
  const suffix = memoryUnits.get(unit);
  return amount === undefined || suffix === undefined ? undefined : amount + suffix;
}

export const profileKeys: KeyTable = {
  takesUserKeys: true,
  keys: {
    'limits.cpu': integer('resources', 'cpus'),
    'limits.memory': { path: ['resources', 'memory'], read: readMemory, expects: 'a size such as 512MiB' },
    'migration.stateful': flag('migration', 'stateful'),
    'security.nesting': flag('security', 'nesting'),
    'security.privileged': flag('security', 'privileged'),
    'security.protection.delete': flag('security', 'protectedFromDeletion'),
    'security.protection.start': flag('security', 'protectedFromStart'),
  },
};

export function setByPath(target: object, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  const fields = target as Record<string, unknown>; // built here, and by nobody else
  if (rest.length === 0) fields[first] = value;
  else setByPath((fields[first] ??= {}), rest, value);
}
