/** As much of Protocol Buffers as etcd's messages need. */
export type FieldValue = Buffer | bigint | boolean;

/** `[field number, value]`; bytes are length-delimited, numbers varints. */
export function encodeMessage(fields: readonly (readonly [number, FieldValue])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (Buffer.isBuffer(value))
        return [varint(BigInt(number << 3) | 2n), varint(BigInt(value.length)), value];
      return [varint(BigInt(number << 3)), varint(BigInt(value))];
    }),
  );
}

/** The last value of each field: enough for messages without repeated numbers. */
export function decodeMessage(message: Buffer): Map<number, Buffer | bigint> {
  const fields = new Map<number, Buffer | bigint>();
  let offset = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(offset);
      offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < message.length) {
    const tag = Number(readVarint());
    const value = readVarint();
    if ((tag & 7) === 2) {
      fields.set(tag >> 3, message.subarray(offset, offset + Number(value)));
      offset += Number(value);
    } else fields.set(tag >> 3, value);
  }
  return fields;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}
