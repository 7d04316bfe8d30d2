import { ConsensusError } from '../consensus-error.ts';

/** What travels between two members: a small JSON header, and bytes that JSON would only blow up. */
export interface Frame {
  readonly header: Header;
  readonly payload: Uint8Array;
}

export type Header = Readonly<Record<string, unknown>> & { readonly kind: FrameKind };

export type FrameKind = 'cancel' | 'failure' | 'ping' | 'push' | 'request' | 'response';

const prefixBytes = 8;
// Larger than any batch or chunk we send; what claims more is not one of ours.
const headerBytesLimit = 8 * 1024 * 1024;
const payloadBytesLimit = 64 * 1024 * 1024;
const emptyPayload = new Uint8Array(0);

/** Two lengths, the header, the payload. */
export function encodeFrame(header: Header, payload: Uint8Array = emptyPayload): Buffer {
  const text = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(prefixBytes + headerBytes + payload.byteLength);
  frame.writeUInt32BE(headerBytes, 0);
  frame.writeUInt32BE(payload.byteLength, 4);
  frame.write(text, prefixBytes);
  frame.set(payload, prefixBytes + headerBytes);
  return frame;
}

/** Cuts a stream of bytes into frames. Throws when the bytes cannot be frames of ours. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = prefixBytes;

  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.byteLength;
    const frames: Frame[] = [];
    while (this.#buffered >= this.#needed) {
      const bytes = this.#join();
      const [headerBytes, payloadBytes] = readLengths(bytes);
      const end = prefixBytes + headerBytes + payloadBytes;
      this.#needed = end;
      if (bytes.byteLength < end) break;
      frames.push(decodeFrame(bytes, headerBytes, end));
      this.#replace(bytes.subarray(end));
    }
    return frames;
  }

  // Joined only when a whole frame or a prefix is there, so that a long frame is copied once.
  #join(): Buffer {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  #replace(rest: Buffer): void {
    this.#chunks = rest.byteLength === 0 ? [] : [rest];
    this.#buffered = rest.byteLength;
    this.#needed = prefixBytes;
  }
}

function readLengths(bytes: Buffer): readonly [number, number] {
  const headerBytes = bytes.readUInt32BE(0);
  const payloadBytes = bytes.readUInt32BE(4);
  if (headerBytes > headerBytesLimit || payloadBytes > payloadBytesLimit) {
    throw new ConsensusError(
      'Closed',
      `reading a frame of ${headerBytes + payloadBytes} bytes from a member`,
    );
  }
  return [headerBytes, payloadBytes];
}

function decodeFrame(bytes: Buffer, headerBytes: number, end: number): Frame {
  const header = JSON.parse(bytes.toString('utf8', prefixBytes, prefixBytes + headerBytes)) as Header;
  // A view: the store keeps the values, so they are copied out when they are decoded.
  return { header, payload: bytes.subarray(prefixBytes + headerBytes, end) };
}
