import { inOwnMemory } from '../../../base/in-own-memory.ts';
import { endOfPrefix, SortedKeys } from './sorted-keys.ts';
import type { Change, RangeResult, StoredEntry, WriteOperation } from '../store.ts';

/** What a key held at the revision that is read: undefined when it did not exist then. */
export type Overlay = ReadonlyMap<string, StoredEntry | undefined>;

/** All current entries, readable by prefix in key order, also as they were some revisions ago. */
export class KeySpace {
  readonly #entries = new Map<string, StoredEntry>();
  readonly #keys = new SortedKeys();

  get size(): number {
    return this.#keys.size;
  }

  get(key: string): StoredEntry | undefined {
    return this.#entries.get(key);
  }

  set(entry: StoredEntry): void {
    if (!this.#entries.has(entry.key)) this.#keys.add(entry.key);
    this.#entries.set(entry.key, entry);
  }

  /** Does the operation and says what it changed. */
  apply(operation: WriteOperation, revision: number): Change {
    const { key } = operation;
    const previous = this.#entries.get(key);
    const before = previous === undefined ? {} : { previous };
    if (operation.kind === 'delete') {
      if (this.#entries.delete(key)) this.#keys.delete(key);
      return { key, ...before, revision };
    }
    const entry: StoredEntry = { key, value: inOwnMemory(operation.value), revision };
    this.set(entry);
    return { key, entry, ...before, revision };
  }

  /**
   * Entries with `prefix` after `after`, as the overlay says they were: its keys hold what it says,
   * all others what they hold now.
   */
  range(
    prefix: string,
    overlay: Overlay,
    options: { readonly after?: string; readonly limit?: number },
  ): Omit<RangeResult, 'revision'> {
    const start = startOf(prefix, options.after);
    const relevant = [...overlay.keys()].filter((key) => key >= start && key.startsWith(prefix)).sort();
    const limit = options.limit ?? Infinity;
    const entries: StoredEntry[] = [];
    for (const key of mergeKeys(this.#keysOf(prefix, start), relevant)) {
      if (entries.length >= limit) break;
      const entry = overlay.has(key) ? overlay.get(key) : this.#entries.get(key);
      if (entry !== undefined) entries.push(entry);
    }
    if (entries.length < limit) return { entries, remaining: 0 };
    return { entries, remaining: this.#count(prefix, start, relevant, overlay) - entries.length };
  }

  #count(prefix: string, start: string, relevant: readonly string[], overlay: Overlay): number {
    let count = this.#keys.count(start, endOfPrefix(prefix));
    for (const key of relevant) {
      if (this.#entries.has(key)) count -= 1;
      if (overlay.get(key) !== undefined) count += 1;
    }
    return count;
  }

  *#keysOf(prefix: string, start: string): Generator<string, void> {
    for (const key of this.#keys.from(start)) {
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }
}

/** The smallest key that may be in the answer: the prefix itself, or the first string after `after`. */
function startOf(prefix: string, after: string | undefined): string {
  if (after === undefined || after < prefix) return prefix;
  return `${after}\u0000`;
}

/** Both are in order; a key that is in both comes once. */
function* mergeKeys(current: Iterable<string>, overlaid: readonly string[]): Generator<string, void> {
  let index = 0;
  for (const key of current) {
    for (let next = overlaid[index]; next !== undefined && next <= key; next = overlaid[index]) {
      index += 1;
      if (next < key) yield next;
    }
    yield key;
  }
  yield* overlaid.slice(index);
}
