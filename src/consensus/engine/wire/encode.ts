import assert from 'node:assert/strict';

import type { SqlValue } from '../database.ts';
import { alignToWord, maxParameters, wordBytes } from './message.ts';

/** Type codes of values: SQLite's own. */
export const valueType = { integer: 1, float: 2, text: 3, blob: 4, null: 5 } as const;

/** Builds one request. Fields are appended in order; `finish` puts the header in front. */
export class RequestWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;

  uint64(value: bigint | number): this {
    const part = Buffer.alloc(wordBytes);
    part.writeBigUInt64LE(BigInt(value));
    return this.#append(part);
  }

  /** UTF-8, ended by a zero byte, padded to a word. A zero inside would shift every field after it. */
  text(value: string): this {
    assert(!value.includes('\0'), 'a text for dqlite cannot hold a zero character');
    const part = Buffer.alloc(alignToWord(Buffer.byteLength(value) + 1));
    part.write(value);
    return this.#append(part);
  }

  /** A tuple: count, one type code each, padding, then the values. No parameters means no tuple at all. */
  parameters(values: readonly SqlValue[]): this {
    if (values.length === 0) return this;
    assert(values.length <= maxParameters, `a statement takes at most ${maxParameters} parameters`);
    const head = Buffer.alloc(alignToWord(1 + values.length));
    head.writeUInt8(values.length);
    values.forEach((value, index) => head.writeUInt8(typeOf(value), 1 + index));
    this.#append(head);
    for (const value of values) this.#value(value);
    return this;
  }

  finish(type: number, schema = 0): Buffer {
    const header = Buffer.alloc(wordBytes);
    header.writeUInt32LE(this.#length / wordBytes, 0);
    header.writeUInt8(type, 4);
    header.writeUInt8(schema, 5);
    return Buffer.concat([header, ...this.#parts], wordBytes + this.#length);
  }

  #value(value: SqlValue): void {
    if (value === null) {
      this.uint64(0);
    } else if (typeof value === 'string') {
      this.text(value);
    } else if (typeof value === 'object') {
      this.#blob(value);
    } else if (typeof value === 'number' && !Number.isInteger(value)) {
      const part = Buffer.alloc(wordBytes);
      part.writeDoubleLE(value);
      this.#append(part);
    } else {
      const part = Buffer.alloc(wordBytes);
      part.writeBigInt64LE(BigInt(value));
      this.#append(part);
    }
  }

  #blob(value: Uint8Array): void {
    this.uint64(value.byteLength);
    this.#append(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    const padding = alignToWord(value.byteLength) - value.byteLength;
    if (padding > 0) this.#append(Buffer.alloc(padding));
  }

  #append(part: Buffer): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

function typeOf(value: SqlValue): number {
  if (value === null) return valueType.null;
  if (typeof value === 'string') return valueType.text;
  if (typeof value === 'object') return valueType.blob;
  return typeof value === 'bigint' || Number.isInteger(value) ? valueType.integer : valueType.float;
}
