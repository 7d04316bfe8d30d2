import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';

import type { Message } from '../../../../src/consensus/engine/wire/message.ts';
import { readMessages } from '../../../../src/consensus/engine/wire/message-stream.ts';

function build(type: number, words: number): Buffer {
  const bytes = Buffer.alloc(8 + words * 8, type);
  bytes.writeUInt32LE(words, 0);
  bytes.writeUInt32LE(type, 4);
  return bytes;
}

function read(chunks: readonly Buffer[]): { messages: Message[]; failures: string[] } {
  const messages: Message[] = [];
  const failures: string[] = [];
  const stream = new PassThrough();
  readMessages(
    stream,
    (message) => messages.push(message),
    (error) => failures.push(error.message),
  );
  for (const chunk of chunks) stream.emit('data', chunk);
  return { messages, failures };
}

describe('consensus/engine/wire/message-stream', () => {
  const bytes = Buffer.concat([build(1, 1), build(2, 0), build(3, 3)]);
  const want = [
    { type: 1, body: Buffer.alloc(8, 1) },
    { type: 2, body: Buffer.alloc(0) },
    { type: 3, body: Buffer.alloc(24, 3) },
  ];

  it('cuts messages out of chunks of any size', () => {
    for (let size = 1; size <= bytes.length; size += 1) {
      const count = Math.ceil(bytes.length / size);
      const chunks = Array.from({ length: count }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      assert.deepEqual(read(chunks), { messages: want, failures: [] }, `in chunks of ${size}`);
    }
  });

  it('gives up on a length that cannot be', () => {
    const header = Buffer.from('ffffffff00000000', 'hex');
    assert.deepEqual(read([header]).failures, ['dqlite announced a message of 34359738368 bytes']);
  });
});
