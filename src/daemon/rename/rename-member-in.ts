import { isJsonObject, type JsonObject } from '../../apiserver/schema/json-object.ts';

/** Where objects of a kind name a member: `[]` stands for every entry of a list. */
const places: Readonly<Record<string, readonly (readonly string[])[]>> = {
  instances: [
    ['spec', 'placement', 'member'],
    ['status', 'member'],
  ],
  images: [
    ['spec', 'source', 'member'],
    ['status', 'wantedMembers', '[]'],
    ['status', 'members', '[]', 'name'],
  ],
  storagepools: [
    ['spec', 'members', '[]', 'name'],
    ['status', 'members', '[]', 'name'],
  ],
  networks: [
    ['spec', 'members', '[]', 'name'],
    ['status', 'members', '[]', 'name'],
  ],
  placementgroups: [['status', 'memberCounts', '[]', 'member']],
  clusters: [['status', 'leader']],
};

/** Plurals of the kinds whose objects may name a member. */
export const kindsThatNameMembers: readonly string[] = Object.keys(places);

export interface NewName {
  readonly from: string;
  readonly to: string;
}

/** The object with the new name in place of the old one; undefined when it does not name the member. */
export function renameMemberIn(plural: string, object: JsonObject, name: NewName): JsonObject | undefined {
  const spec = renameAll(plural, object, name, 'spec');
  const renamed = renameAll(plural, spec, name, 'status');
  if (renamed === object) return undefined;
  const metadata = isJsonObject(renamed['metadata']) ? renamed['metadata'] : {};
  const { generation, managedFields } = metadata;
  return {
    ...renamed,
    metadata: {
      ...metadata,
      // Controllers and agents look at what they have not observed yet.
      ...(spec !== object && typeof generation === 'number' ? { generation: generation + 1 } : {}),
      ...(managedFields === undefined ? {} : { managedFields: renameOwned(managedFields, name) }),
    },
  };
}

function renameAll(plural: string, object: JsonObject, name: NewName, root: 'spec' | 'status'): JsonObject {
  const below = (places[plural] ?? []).filter(([first]) => first === root);
  return below.reduce<JsonObject>((before, path) => replaceAt(before, path, name) as JsonObject, object);
}

/** Answers the same value when nothing changes below it. */
function replaceAt(value: unknown, path: readonly string[], name: NewName): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value === name.from ? name.to : value;
  if (first === '[]') {
    if (!Array.isArray(value)) return value;
    const items = value.map((item) => replaceAt(item, rest, name));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isJsonObject(value)) return value;
  const child = replaceAt(value[first], rest, name);
  return child === value[first] ? value : { ...value, [first]: child };
}

/** Owners of list entries are noted by the entry's key: whoever owned the old name's entry owns the new one's. */
function renameOwned(fields: unknown, { from, to }: NewName): unknown {
  const keys = new Map(
    ['name', 'member'].map((key) => [
      `k:${JSON.stringify({ [key]: from })}`,
      `k:${JSON.stringify({ [key]: to })}`,
    ]),
  );
  keys.set(`v:${JSON.stringify(from)}`, `v:${JSON.stringify(to)}`);
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [keys.get(key) ?? key, rename(child)]),
    );
  };
  return rename(fields);
}
