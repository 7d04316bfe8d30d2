import type { Readable } from 'node:stream';

import { wordBytes, type Message } from './message.ts';

// A list of 100,000 objects of 2 kB is far below; a length beyond this is a broken stream.
const maxMessageBytes = 1024 * 1024 * 1024;

/** Cuts the bytes of a socket into messages. */
export function readMessages(
  socket: Readable,
  deliver: (message: Message) => void,
  fail: (error: Error) => void,
): void {
  let chunks: Buffer[] = [];
  let available = 0;
  let wanted = wordBytes;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    available += chunk.length;
    // Joining only when a whole message is there keeps a large answer from being copied once a chunk.
    while (available >= wanted) {
      const [first] = chunks;
      const joined = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, available);
      const length = wordBytes + joined.readUInt32LE(0) * wordBytes;
      if (length > maxMessageBytes) {
        fail(new Error(`dqlite announced a message of ${length} bytes`));
        return;
      }
      chunks = [joined];
      wanted = length;
      if (available < length) return;
      deliver({ type: joined.readUInt8(4), body: joined.subarray(wordBytes, length) });
      chunks = available === length ? [] : [joined.subarray(length)];
      available -= length;
      wanted = wordBytes;
    }
  });
}
