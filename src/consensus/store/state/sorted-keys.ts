// Half of a chunk moves on a split; small enough that inserting into one is a short memmove.
const chunkLimit = 512;

/**
 * An ordered set of strings in chunks: insert and remove touch one short array instead of moving
 * 100,000 slots, and counting a range adds chunk lengths instead of visiting keys.
 */
export class SortedKeys {
  #chunks: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      this.#size += 1;
      return;
    }
    const index = lowerBound(chunk, key);
    if (chunk[index] === key) return;
    chunk.splice(index, 0, key);
    this.#size += 1;
    if (chunk.length > chunkLimit) this.#chunks.splice(at + 1, 0, chunk.splice(chunkLimit >> 1));
  }

  delete(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = lowerBound(chunk, key);
    if (chunk[index] !== key) return;
    chunk.splice(index, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Keys at or after `from`, in order. The set must not change while somebody iterates. */
  *from(from: string): Generator<string, void> {
    for (let at = this.#chunkFor(from); at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] ?? [];
      const first = chunk[0] ?? '';
      for (let index = first < from ? lowerBound(chunk, from) : 0; index < chunk.length; index += 1) {
        yield chunk[index] ?? '';
      }
    }
  }

  /** How many keys are at or after `from` and before `to`; without `to`, up to the end. */
  count(from: string, to: string | undefined): number {
    const end = to === undefined ? this.#size : this.#rank(to);
    return Math.max(0, end - this.#rank(from));
  }

  /** Number of keys before `key`. */
  #rank(key: string): number {
    const at = this.#chunkFor(key);
    let rank = 0;
    for (let index = 0; index < at; index += 1) rank += this.#chunks[index]?.length ?? 0;
    return rank + lowerBound(this.#chunks[at] ?? [], key);
  }

  /** The last chunk whose first key is at or before `key`, or the first chunk. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle]?.[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** Index of the first element that is not before `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The first string after all strings that start with `prefix`; undefined when there is none, that is
 * for the empty prefix and for one made of the highest code unit only.
 */
export function endOfPrefix(prefix: string): string | undefined {
  for (let length = prefix.length; length > 0; length -= 1) {
    const unit = prefix.charCodeAt(length - 1);
    if (unit < 0xffff) return prefix.slice(0, length - 1) + String.fromCharCode(unit + 1);
  }
  return undefined;
}
