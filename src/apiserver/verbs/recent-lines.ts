import { inOwnMemory } from '../../base/in-own-memory.ts';
import type { Change } from '../../consensus/store/store.ts';

type Lines = Map<string, Buffer>;

const maxChanges = 128; // what one batch of the store holds
const maxBytes = 1024 * 1024;

/** The lines of the last few changes, because many watchers of one kind are told of the same ones. */
export class RecentLines {
  readonly #byChange = new Map<Change, Lines>();
  #bytes = 0;

  /** The change as an event of this type, encoded when nobody was told of it yet. */
  get(change: Change, type: string, encode: () => Buffer): Buffer {
    const lines = this.#byChange.get(change) ?? new Map<string, Buffer>();
    this.#byChange.set(change, lines);
    const known = lines.get(type);
    if (known !== undefined) return known;
    const line = inOwnMemory(encode());
    lines.set(type, line);
    this.#bytes += line.byteLength;
    this.#forget(change);
    return line;
  }

  #forget(newest: Change): void {
    for (const [change, lines] of this.#byChange) {
      if (this.#byChange.size <= maxChanges && this.#bytes <= maxBytes) return;
      if (change === newest) continue;
      this.#byChange.delete(change);
      for (const line of lines.values()) this.#bytes -= line.byteLength;
    }
  }
}
