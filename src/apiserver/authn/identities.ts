import { mastersGroup } from '../../api/names.ts';
import type { StoreReader } from '../../consensus/store/store.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { storagePrefix } from '../registry/storage-key.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { type User, authenticatedGroup } from './user.ts';

const prefix = storagePrefix('muster.dev', 'identities');

export interface Identities {
  /** The user of that name while their Identity is the very one, by its uid; undefined once it is deleted. */
  find(name: string, uid: string): User | undefined;
}

/** Certificates of an Identity are good for as long as the object is there; its groups count as they are now. */
export function createIdentities(store: StoreReader): Identities {
  return {
    find(name, uid) {
      const entry = store.get(prefix + name);
      if (entry === undefined) return undefined;
      const object = decodeStoredJson(entry.value) as JsonObject;
      const metadata = metadataOf(object);
      if (metadata.uid !== uid || metadata.deletionTimestamp !== undefined) return undefined;
      return { name, uid, groups: [...groupsOf(object), authenticatedGroup] };
    },
  };
}

export function groupsOf({ spec }: JsonObject): readonly string[] {
  const groups = isJsonObject(spec) ? spec['groups'] : undefined;
  if (!Array.isArray(groups)) return [];
  const own = (group: string): boolean => group.startsWith('system:') && group !== mastersGroup;
  // The schema refuses them; nobody becomes a member or a controller through an object all the same.
  return groups.filter((group): group is string => typeof group === 'string' && !own(group));
}
