/** Builds one message in the wire format of protocol buffers. Absent values write nothing. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  text(number: number, value: unknown): this {
    return typeof value === 'string' && value !== '' ? this.bytes(number, Buffer.from(value)) : this;
  }

  texts(number: number, values: unknown): this {
    if (Array.isArray(values)) for (const value of values) this.bytes(number, Buffer.from(String(value)));
    return this;
  }

  flag(number: number, value: unknown): this {
    if (value === true) this.#parts.push(varint(number * 8), Uint8Array.of(1));
    return this;
  }

  integer(number: number, value: unknown): this {
    if (typeof value === 'number') this.#parts.push(varint(number * 8), varint(value));
    return this;
  }

  double(number: number, value: unknown): this {
    if (typeof value !== 'number' && typeof value !== 'bigint') return this;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    this.#parts.push(varint(number * 8 + 1), bytes);
    return this;
  }

  bytes(number: number, value: Uint8Array): this {
    this.#parts.push(varint(number * 8 + 2), varint(value.length), value);
    return this;
  }

  message(number: number, write: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    write(message);
    return this.bytes(number, message.finish());
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Uint8Array.from([...bytes, rest]);
}
