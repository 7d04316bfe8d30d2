/**
 * The bytes in memory of their own, copied where they are not. A small Buffer is a view of a block of 64 KiB that Node
 * shares out: what is kept for a while would keep all of it alive, and everything else that happens to lie there.
 */
export function inOwnMemory(bytes: Uint8Array): Buffer {
  const { buffer, byteLength } = bytes;
  if (byteLength === buffer.byteLength) return Buffer.from(buffer, 0, byteLength);
  const own = Buffer.allocUnsafeSlow(byteLength);
  own.set(bytes);
  return own;
}
