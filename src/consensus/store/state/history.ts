import type { Change } from '../store.ts';

/** One committed transaction as every member keeps it for a while. */
export interface RevisionRecord {
  readonly revision: number;
  /** The id its author gave it: how a lost outcome is found again. */
  readonly transactionId: string;
  readonly changes: Change[];
  /** Monotonic milliseconds when this member learned of it. */
  readonly seenMs: number;
}

/**
 * Recent revisions, dense and in order. Everything above `floor` is here; nothing at or below it.
 * The array is trimmed at the front lazily, so that dropping one revision does not move the others.
 */
export class History {
  #records: RevisionRecord[] = [];
  readonly #revisions = new Map<string, number>();
  #head = 0;
  #floor: number;
  #bytes = 0;

  constructor(floor: number) {
    this.#floor = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  /** Bytes of values that only the history keeps alive, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  append(record: RevisionRecord): void {
    this.#records.push(record);
    if (record.transactionId !== '') this.#revisions.set(record.transactionId, record.revision);
    this.#bytes += weigh(record);
  }

  /**
   * Exchanges the entries that `record` superseded for copies. What readers tied to the objects themselves, such
   * as decoded values, is of use while an entry is current, and would live as long as the history and weigh more.
   */
  retire(record: RevisionRecord): void {
    for (const [index, change] of record.changes.entries()) {
      if (change.previous === undefined) continue;
      const previous = { ...change.previous };
      record.changes[index] = { ...change, previous };
      const writer = this.at(previous.revision)?.changes;
      const written = writer?.findIndex(({ key }) => key === previous.key) ?? -1;
      const creation = writer?.[written];
      if (creation !== undefined) writer?.splice(written, 1, { ...creation, entry: previous });
    }
  }

  /** The record of a revision that is in the history. */
  at(revision: number): RevisionRecord | undefined {
    if (revision <= this.#floor) return undefined;
    return this.#records[this.#head + revision - this.#floor - 1];
  }

  /** Records with a revision above `revision`, oldest first. */
  *after(revision: number): Generator<RevisionRecord, void> {
    const start = this.#head + Math.max(0, revision - this.#floor);
    for (let index = start; index < this.#records.length; index += 1) {
      const record = this.#records[index];
      if (record !== undefined) yield record;
    }
  }

  /** The revision above `after` that this transaction was committed at. */
  find(after: number, transactionId: string): number | undefined {
    const revision = this.#revisions.get(transactionId);
    return revision !== undefined && revision > after ? revision : undefined;
  }

  dropThrough(revision: number): void {
    while (this.#floor < revision && this.length > 0) {
      const dropped = this.#records[this.#head] as RevisionRecord;
      this.#bytes -= weigh(dropped);
      if (this.#revisions.get(dropped.transactionId) === dropped.revision) {
        this.#revisions.delete(dropped.transactionId);
      }
      this.#head += 1;
      this.#floor += 1;
    }
    this.#floor = Math.max(this.#floor, revision);
    if (this.#head > 1_000 && this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** Bytes that the record keeps alive. */
export function weigh(record: RevisionRecord): number {
  let bytes = 0;
  for (const { key, previous } of record.changes) bytes += key.length + (previous?.value.byteLength ?? 0);
  return bytes;
}
