/** What the front door has to know of a connection before it decides who terminates its TLS. */
export type HelloScan =
  | { readonly kind: 'incomplete' }
  /** Not TLS, or damaged: whoever terminates TLS will say so to the client. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'hello'; readonly protocols: readonly string[] };

const handshakeRecord = 22;
const clientHello = 1;
const alpnExtension = 16;
const recordHeaderBytes = 5;
const handshakeHeaderBytes = 4;
// With post-quantum keys a hello has about 2 kB; each new piece of it is read from the start.
const maxHelloBytes = 16 * 1024;

const unreadable: HelloScan = { kind: 'unreadable' };

/**
 * Reads the application protocols (ALPN) out of the first bytes of a TLS connection without consuming
 * them. Formats: RFC 8446 sections 4.1.2 and 5.1, RFC 7301 section 3.1.
 */
export function scanClientHello(bytes: Buffer): HelloScan {
  const handshake = joinHandshakeRecords(bytes);
  if (handshake === undefined) return unreadable;
  if (handshake.length < handshakeHeaderBytes) return incompleteOrTooLong(bytes);
  if (handshake.readUInt8(0) !== clientHello) return unreadable;
  const length = handshake.readUIntBE(1, 3);
  if (handshake.length < handshakeHeaderBytes + length) return incompleteOrTooLong(bytes);
  try {
    const body = handshake.subarray(handshakeHeaderBytes, handshakeHeaderBytes + length);
    return { kind: 'hello', protocols: readProtocols(body) };
  } catch (error) {
    // Buffer reads past the end throw a RangeError: the lengths inside contradict each other.
    if (error instanceof RangeError) return unreadable;
    throw error;
  }
}

function incompleteOrTooLong(bytes: Buffer): HelloScan {
  return bytes.length > maxHelloBytes ? unreadable : { kind: 'incomplete' };
}

/** The payloads of the leading handshake records, one after the other; undefined when another type comes first. */
function joinHandshakeRecords(bytes: Buffer): Buffer | undefined {
  const payloads: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.readUInt8(offset) !== handshakeRecord)
      return offset === 0 ? undefined : Buffer.concat(payloads);
    if (bytes.length < offset + recordHeaderBytes) break;
    const end = offset + recordHeaderBytes + bytes.readUInt16BE(offset + 3);
    payloads.push(bytes.subarray(offset + recordHeaderBytes, Math.min(end, bytes.length)));
    offset = end;
  }
  return Buffer.concat(payloads);
}

function readProtocols(body: Buffer): string[] {
  let offset = 2 + 32; // legacy_version and random
  offset += 1 + body.readUInt8(offset); // legacy_session_id
  offset += 2 + body.readUInt16BE(offset); // cipher_suites
  offset += 1 + body.readUInt8(offset); // legacy_compression_methods
  if (offset === body.length) return [];
  const end = offset + 2 + body.readUInt16BE(offset);
  offset += 2;
  while (offset < end) {
    const type = body.readUInt16BE(offset);
    const length = body.readUInt16BE(offset + 2);
    offset += 4;
    if (type === alpnExtension) return splitProtocols(body.subarray(offset, offset + length));
    offset += length;
  }
  return [];
}

function splitProtocols(extension: Buffer): string[] {
  const protocols: string[] = [];
  const end = 2 + extension.readUInt16BE(0);
  for (let offset = 2; offset < end;) {
    const length = extension.readUInt8(offset);
    if (offset + 1 + length > extension.length) throw new RangeError('a protocol name is cut off');
    protocols.push(extension.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  return protocols;
}
