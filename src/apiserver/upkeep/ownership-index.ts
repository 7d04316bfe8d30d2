import type { StoreReader, StoredEntry } from '../../consensus/store/store.ts';
import { followPrefix } from '../registry/follow-prefix.ts';

/** Keys of the few objects that garbage collection has to look at, out of all. */
export interface OwnershipIndex {
  /** Objects with owner references. */
  readonly dependents: ReadonlySet<string>;
  /** Objects that wait for what is to become of their dependents. */
  readonly waiting: ReadonlySet<string>;
  close(): void;
}

export function createOwnershipIndex(store: StoreReader): OwnershipIndex {
  const dependents = new Set<string>();
  const waiting = new Set<string>();
  const put = (key: string, entry: StoredEntry | undefined): void => {
    mark(dependents, key, mentions(entry, '"ownerReferences":['));
    mark(waiting, key, mentions(entry, '"foregroundDeletion"') || mentions(entry, '"orphan"'));
  };
  const close = followPrefix(store, '/registry/', {
    reset(entries) {
      dependents.clear();
      waiting.clear();
      for (const entry of entries) put(entry.key, entry);
    },
    change(changes) {
      for (const { key, entry } of changes) put(key, entry);
    },
  });
  return { dependents, waiting, close };
}

/** A search in the bytes is far cheaper than decoding every object; a false hit costs one look. */
function mentions(entry: StoredEntry | undefined, text: string): boolean {
  if (entry === undefined) return false;
  const { buffer, byteOffset, byteLength } = entry.value;
  return Buffer.from(buffer, byteOffset, byteLength).includes(text);
}

function mark(keys: Set<string>, key: string, isIn: boolean): void {
  if (isIn) keys.add(key);
  else keys.delete(key);
}
