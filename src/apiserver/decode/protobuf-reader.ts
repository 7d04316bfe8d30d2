/** The wire format of protocol buffers. Running off the end throws a `RangeError`. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  readTag(): { number: number; wireType: number } {
    const tag = Number(this.readVarint());
    return { number: Math.floor(tag / 8), wireType: tag % 8 };
  }

  readVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new RangeError('unexpected EOF');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is longer than 64 bits');
  }

  readBytes(): Uint8Array {
    return this.#take(Number(this.readVarint()));
  }

  readDouble(): number {
    const { buffer, byteOffset } = this.#take(8);
    return new DataView(buffer, byteOffset, 8).getFloat64(0, true);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.readVarint();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.readBytes();
    else if (wireType === 5) this.#take(4);
    else throw new RangeError(`unknown wire type ${wireType}`);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('unexpected EOF');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
