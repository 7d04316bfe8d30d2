import type { Network } from '../../api/generated/network.ts';
import type { StoragePool } from '../../api/generated/storage-pool.ts';

/** One setting of a pool or network that each member has for itself, in LXD's words (`member_config`). */
export interface MemberConfigEntry {
  readonly entity: 'network' | 'storage-pool';
  /** Of the pool or network. */
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

export interface MemberConfigQuestion extends MemberConfigEntry {
  readonly description: string;
}

export interface MemberConfigTargets {
  readonly pools: readonly StoragePool[];
  readonly networks: readonly Network[];
}

type PoolMember = NonNullable<StoragePool['spec']['members']>[number];
type NetworkMember = NonNullable<Network['spec']['members']>[number];

const poolKeys: ReadonlyMap<string, (member: PoolMember) => string | undefined> = new Map([
  ['source', ({ source }: PoolMember) => source],
]);
const networkKeys: ReadonlyMap<string, (member: NetworkMember) => string | undefined> = new Map([
  ['bridge.external_interfaces', ({ externalInterfaces }: NetworkMember) => externalInterfaces?.join(',')],
  ['parent', ({ parent }: NetworkMember) => parent],
]);

/** What a host that joins may want to answer otherwise than the member that is asked: what that one has set. */
export function listQuestions(
  { pools, networks }: MemberConfigTargets,
  member: string,
): readonly MemberConfigQuestion[] {
  const ofPools = pools.flatMap((pool) =>
    questionsOf('storage-pool', pool.metadata.name, findEntry(pool.spec.members, member), poolKeys),
  );
  const ofNetworks = networks.flatMap((network) =>
    questionsOf('network', network.metadata.name, findEntry(network.spec.members, member), networkKeys),
  );
  const sortKey = ({ entity, name, key }: MemberConfigEntry): string => `${entity}\n${name}\n${key}`;
  return [...ofPools, ...ofNetworks].toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** What is wrong with the first entry that is, with what would be right; undefined when all can be applied. */
export function findMemberConfigProblem(
  entries: readonly MemberConfigEntry[],
  { pools, networks }: MemberConfigTargets,
): string | undefined {
  for (const { entity, name, key, value } of entries) {
    const [objects, keys] = entity === 'network' ? [networks, networkKeys] : [pools, poolKeys];
    const names = objects.map(({ metadata }) => metadata.name);
    const what = entity.replace('-', ' ');
    if (!names.includes(name)) {
      return `member_config: the cluster has no ${what} "${name}"; there are ${names.join(', ') || 'none'}`;
    }
    if (!keys.has(key)) {
      const known = [...keys.keys()].join(', ');
      return `member_config: "${key}" is no setting that each member has of a ${what}; there are ${known}`;
    }
    if (value === '')
      return `member_config: the "${key}" of ${what} "${name}" is empty; leave it out instead`;
  }
  return undefined;
}

/** The pool's parts with that of the member as the entries say; undefined when they say nothing about it. */
export function poolMembersWith(
  { metadata, spec }: StoragePool,
  member: string,
  entries: readonly MemberConfigEntry[],
): readonly PoolMember[] | undefined {
  const wanted = entriesFor('storage-pool', metadata.name, entries);
  const source = wanted.get('source');
  if (source === undefined) return undefined;
  return replaceEntry(spec.members, { ...findEntry(spec.members, member), name: member, source });
}

export function networkMembersWith(
  { metadata, spec }: Network,
  member: string,
  entries: readonly MemberConfigEntry[],
): readonly NetworkMember[] | undefined {
  const wanted = entriesFor('network', metadata.name, entries);
  if (wanted.size === 0) return undefined;
  const parent = wanted.get('parent');
  const external = wanted.get('bridge.external_interfaces');
  return replaceEntry(spec.members, {
    ...findEntry(spec.members, member),
    name: member,
    ...(parent === undefined ? {} : { parent }),
    ...(external === undefined ? {} : { externalInterfaces: external.split(',').map((name) => name.trim()) }),
  });
}

function questionsOf<T>(
  entity: MemberConfigEntry['entity'],
  name: string,
  part: T | undefined,
  keys: ReadonlyMap<string, (part: T) => string | undefined>,
): readonly MemberConfigQuestion[] {
  if (part === undefined) return [];
  return [...keys].flatMap(([key, read]) => {
    const value = read(part);
    const description = `"${key}" property for ${entity.replace('-', ' ')} "${name}"`;
    return value === undefined ? [] : [{ entity, name, key, value, description }];
  });
}

function entriesFor(
  entity: MemberConfigEntry['entity'],
  name: string,
  entries: readonly MemberConfigEntry[],
): ReadonlyMap<string, string> {
  const own = entries.filter((entry) => entry.entity === entity && entry.name === name);
  return new Map(own.map(({ key, value }) => [key, value]));
}

function findEntry<T extends { name: string }>(
  members: readonly T[] | undefined,
  name: string,
): T | undefined {
  return members?.find((member) => member.name === name);
}

function replaceEntry<T extends { name: string }>(members: readonly T[] | undefined, entry: T): readonly T[] {
  return [...(members ?? []).filter(({ name }) => name !== entry.name), entry];
}
