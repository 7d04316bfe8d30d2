import assert from 'node:assert/strict';

import type { SqlValue } from '../database.ts';
import { alignToWord, maxParameters, wordBytes } from './message.ts';

/** Type codes of values: SQLite's own. */
export const valueType = { integer: 1, float: 2, text: 3, blob: 4, null: 5 } as const;

const firstCapacity = 512;

/** Builds one request. Fields are appended in order; `finish` fills in the header, for which the first word is kept. */
export class RequestWriter {
  // Zeros to begin with, so that padding is only skipped.
  #bytes = Buffer.alloc(firstCapacity);
  #length = wordBytes;

  uint64(value: bigint | number): this {
    const at = this.#take(wordBytes);
    if (typeof value === 'bigint') this.#bytes.writeBigUInt64LE(value, at);
    else this.#bytes.writeBigUInt64LE(BigInt(value), at);
    return this;
  }

  /** UTF-8, ended by a zero byte, padded to a word. A zero inside would shift every field after it. */
  text(value: string): this {
    assert(!value.includes('\0'), 'a text for dqlite cannot hold a zero character');
    const at = this.#take(alignToWord(Buffer.byteLength(value) + 1));
    this.#bytes.write(value, at);
    return this;
  }

  /** A tuple: count, one type code each, padding, then the values. No parameters means no tuple at all. */
  parameters(values: readonly SqlValue[]): this {
    if (values.length === 0) return this;
    assert(values.length <= maxParameters, `a statement takes at most ${maxParameters} parameters`);
    this.#reserve(values);
    const head = this.#take(alignToWord(1 + values.length));
    this.#bytes.writeUInt8(values.length, head);
    for (const [index, value] of values.entries()) this.#bytes.writeUInt8(typeOf(value), head + 1 + index);
    for (const value of values) this.#value(value);
    return this;
  }

  finish(type: number, schema = 0): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    bytes.writeUInt32LE(this.#length / wordBytes - 1, 0);
    bytes.writeUInt8(type, 4);
    bytes.writeUInt8(schema, 5);
    return bytes;
  }

  #value(value: SqlValue): void {
    if (value === null) {
      this.#take(wordBytes);
    } else if (typeof value === 'string') {
      this.text(value);
    } else if (typeof value === 'object') {
      this.#blob(value);
    } else if (typeof value === 'number' && !Number.isInteger(value)) {
      const at = this.#take(wordBytes);
      this.#bytes.writeDoubleLE(value, at);
    } else {
      const at = this.#take(wordBytes);
      this.#bytes.writeBigInt64LE(BigInt(value), at);
    }
  }

  #blob(value: Uint8Array): void {
    this.uint64(value.byteLength);
    const at = this.#take(alignToWord(value.byteLength));
    this.#bytes.set(value, at);
  }

  /** Makes room for a batch at once: growing step by step would copy its values several times. */
  #reserve(values: readonly SqlValue[]): void {
    let bytes = 2 * wordBytes + values.length;
    for (const value of values) {
      bytes += 2 * wordBytes;
      if (typeof value === 'string') bytes += value.length * 3;
      else if (value !== null && typeof value === 'object') bytes += value.byteLength;
    }
    this.#grow(bytes);
  }

  #take(bytes: number): number {
    const at = this.#length;
    if (at + bytes > this.#bytes.length) this.#grow(Math.max(bytes, at));
    this.#length = at + bytes;
    return at;
  }

  #grow(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.alloc(this.#length + bytes);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function typeOf(value: SqlValue): number {
  if (value === null) return valueType.null;
  if (typeof value === 'string') return valueType.text;
  if (typeof value === 'object') return valueType.blob;
  return typeof value === 'bigint' || Number.isInteger(value) ? valueType.integer : valueType.float;
}
