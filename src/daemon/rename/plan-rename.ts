import { randomUUID } from 'node:crypto';
import { setCondition } from '../../api/conditions.ts';
import type { Member } from '../../api/generated/member.ts';
import { renameAnnotation, systemNamespace } from '../../api/names.ts';
import type { ObjectMeta } from '../../api/meta.ts';
import { storageKey, storagePrefix } from '../../apiserver/registry/storage-key.ts';
import { decodeStoredJson } from '../../apiserver/schema/decode-json.ts';
import { encodeJson } from '../../apiserver/schema/encode-json.ts';
import type { JsonObject } from '../../apiserver/schema/json-object.ts';
import { decodePeer, encodePeer, peersPrefix } from '../../consensus/membership/peer-entry.ts';
import type { Condition, StoredEntry, StoreReader, WriteOperation } from '../../consensus/store/store.ts';
import { kindsThatNameMembers, renameMemberIn, type NewName } from './rename-member-in.ts';

const group = 'muster.dev';
const memberPrefix = storagePrefix(group, 'members');
const inventoryPrefix = `${storagePrefix('', 'configmaps')}${systemNamespace}/manifests-`;

export interface RenamePlan {
  readonly conditions: readonly Condition[];
  readonly operations: readonly WriteOperation[];
}

export interface Rename extends NewName {
  /** The Raft id of the member. */
  readonly id: string;
  readonly nowMs: number;
}

/**
 * Everything that changes with the name, for one transaction: whoever reads the store sees the member under the old
 * name or under the new one, and never half of each. A `problem` says why the name cannot be had.
 */
export function planRename(
  store: Pick<StoreReader, 'get' | 'range'>,
  rename: Rename,
): RenamePlan | { readonly problem: string } {
  const { id, ...name } = rename;
  const peerEntry = store.get(peersPrefix + id);
  const memberEntry = store.get(memberPrefix + name.from);
  if (peerEntry === undefined || memberEntry === undefined) {
    return { problem: `the cluster has no member named ${name.from}` };
  }
  if (isTaken(store, name.to)) return { problem: `the cluster already has a member named ${name.to}` };
  const edits = [
    put(peerEntry, encodePeer({ ...decodePeer(peerEntry.value), name: name.to })),
    ...moveMember(memberEntry, rename),
    ...kindsThatNameMembers.flatMap((plural) => renameObjects(store, plural, name)),
    ...moveInventories(store, name),
  ];
  return {
    conditions: edits.map(({ condition }) => condition),
    operations: edits.map(({ operation }) => operation),
  };
}

function isTaken(store: Pick<StoreReader, 'get' | 'range'>, name: string): boolean {
  if (store.get(memberPrefix + name) !== undefined) return true;
  return store.range(peersPrefix).entries.some(({ value }) => decodePeer(value).name === name);
}

interface Edit {
  readonly condition: Condition;
  readonly operation: WriteOperation;
}

function put({ key, revision }: Pick<StoredEntry, 'key' | 'revision'>, value: Uint8Array): Edit {
  return { condition: { key, revision }, operation: { kind: 'put', key, value } };
}

function move(entry: StoredEntry, key: string, object: JsonObject): readonly Edit[] {
  const { key: from, revision } = entry;
  return [
    { condition: { key: from, revision }, operation: { kind: 'delete', key: from } },
    put({ key, revision: 0 }, encode(object)),
  ];
}

/** To its readers the Member of the new name is another object, so it has a uid of its own; it keeps its age. */
function moveMember(entry: StoredEntry, { from, to, nowMs }: Rename): readonly Edit[] {
  const object = decode(entry);
  const metadata = object['metadata'] as ObjectMeta; // every stored object has it
  const { [renameAnnotation]: _request, ...annotations } = metadata.annotations ?? {};
  const { annotations: _before, ...kept } = metadata;
  const fresh = {
    ...kept,
    ...{ name: to, uid: randomUUID() },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return move(entry, storageKey(memberPrefix, { name: to }), {
    ...withRenaming(object, from, nowMs),
    metadata: fresh,
  });
}

/** It has the name once it has started with it: until then nobody knows whether it comes back. */
function withRenaming(object: JsonObject, from: string, nowMs: number): JsonObject {
  const status = structuredClone(object['status'] ?? {}) as NonNullable<Member['status']>; // a stored Member's
  const message = `it was named ${from}, and starts again under its new name`;
  setCondition(status, { type: 'Renamed', status: 'Unknown', reason: 'Restarting', message }, nowMs);
  return { ...object, status };
}

function renameObjects(store: Pick<StoreReader, 'range'>, plural: string, name: NewName): readonly Edit[] {
  return store.range(storagePrefix(group, plural)).entries.flatMap((entry) => {
    // Most objects do not name it: a look at the bytes is cheaper than reading them.
    if (!Buffer.from(entry.value).includes(`"${name.from}"`)) return [];
    const renamed = renameMemberIn(plural, decode(entry), name);
    return renamed === undefined ? [] : [put(entry, encode(renamed))];
  });
}

/** What the member's own manifests have applied is noted under its name. */
function moveInventories(store: Pick<StoreReader, 'range'>, { from, to }: NewName): readonly Edit[] {
  const own = new RegExp(`^${from}-[0-9a-f]+$`);
  return store.range(inventoryPrefix).entries.flatMap((entry) => {
    const source = entry.key.slice(inventoryPrefix.length);
    if (!own.test(source)) return [];
    const object = decode(entry);
    const name = `manifests-${to}${source.slice(from.length)}`;
    const metadata = { ...(object['metadata'] as ObjectMeta), name, uid: randomUUID() };
    const key = storageKey(storagePrefix('', 'configmaps'), { namespace: systemNamespace, name });
    return move(entry, key, { ...object, metadata });
  });
}

function decode({ value }: StoredEntry): JsonObject {
  return decodeStoredJson(value) as JsonObject; // what the API server has stored
}

function encode(object: JsonObject): Uint8Array {
  return Buffer.from(encodeJson(object));
}
