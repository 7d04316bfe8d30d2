import assert from 'node:assert/strict';

import { DatabaseError, raftRoles, type RaftNode, type RaftRole } from '../database.ts';
import { valueType } from './encode.ts';
import { alignToWord, responseType, wordBytes, type Message } from './message.ts';

// Instead of a row header: all rows were sent, or more follow in the next message.
const rowsDone = 0xff;
const rowsContinue = 0xee;

type Cell = Uint8Array | number | string | null;

export interface RowsPart {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly complete: boolean;
}

/** Reads the fields of one message in order. Reading past the end is a corrupt answer and throws. */
export class MessageReader {
  readonly #body: Buffer;
  #offset = 0;

  /** Throws a `DatabaseError` when the answer is a failure, and an assertion when it is of another type. */
  constructor(message: Message, expected: number) {
    this.#body = message.body;
    if (message.type === responseType.failure) {
      const code = this.uint64();
      throw new DatabaseError(code, this.text());
    }
    assert.equal(message.type, expected, 'unexpected type of answer from dqlite');
  }

  bigUint64(): bigint {
    const value = this.#body.readBigUInt64LE(this.#offset);
    this.#offset += wordBytes;
    return value;
  }

  uint64(): number {
    return Number(this.bigUint64());
  }

  uint32(): number {
    const value = this.#body.readUInt32LE(this.#offset);
    this.#offset += 4;
    return value;
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#offset);
    assert(end >= 0, 'a text without an end from dqlite');
    const value = this.#body.toString('utf8', this.#offset, end);
    this.#offset += alignToWord(end + 1 - this.#offset);
    return value;
  }

  blob(): Uint8Array {
    const length = this.uint64();
    // A copy: a view would keep the whole message in memory for as long as one value lives.
    const value = Uint8Array.prototype.slice.call(this.#body, this.#offset, this.#offset + length);
    this.#offset += alignToWord(length);
    return value;
  }

  /** Contents of a dumped file are not padded to a word. */
  file(): { readonly name: string; readonly content: Uint8Array } {
    const name = this.text();
    const length = this.uint64();
    const content = Uint8Array.prototype.slice.call(this.#body, this.#offset, this.#offset + length);
    this.#offset += length;
    return { name, content };
  }

  nodes(): RaftNode[] {
    return Array.from({ length: this.uint64() }, () => {
      const id = this.bigUint64().toString();
      const address = this.text();
      return { id, address, role: roleOf(this.uint64()) };
    });
  }

  rows(): RowsPart {
    const columns = Array.from({ length: this.uint64() }, () => this.text());
    const rows: Cell[][] = [];
    for (;;) {
      const mark = this.#body[this.#offset];
      if (mark === rowsDone || mark === rowsContinue) return { columns, rows, complete: mark === rowsDone };
      rows.push(this.#row(columns.length));
    }
  }

  /** A row begins with one half byte per column that tells its type, padded to a word. */
  #row(columnCount: number): Cell[] {
    const header = this.#offset;
    this.#offset += alignToWord(Math.ceil(columnCount / 2));
    return Array.from({ length: columnCount }, (_, column) => {
      const pair = this.#body.readUInt8(header + (column >> 1));
      return this.#cell(column % 2 === 0 ? pair & 0x0f : pair >> 4);
    });
  }

  #cell(type: number): Cell {
    switch (type) {
      case valueType.integer:
        return Number(BigInt.asIntN(64, this.bigUint64()));
      case valueType.float:
        this.#offset += wordBytes;
        return this.#body.readDoubleLE(this.#offset - wordBytes);
      case valueType.text:
        return this.text();
      case valueType.blob:
        return this.blob();
      case valueType.null:
        this.#offset += wordBytes;
        return null;
      default:
        throw new assert.AssertionError({ message: `unknown type of value ${type} from dqlite` });
    }
  }
}

function roleOf(code: number): RaftRole {
  const found = Object.entries(raftRoles).find(([, number]) => number === code);
  assert(found !== undefined, `unknown Raft role ${code} from dqlite`);
  return found[0] as RaftRole; // -- the keys of `raftRoles` are the roles
}
