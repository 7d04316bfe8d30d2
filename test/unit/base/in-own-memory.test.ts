import assert from 'node:assert/strict';

import { inOwnMemory } from '../../../src/base/in-own-memory.ts';

describe('base/in-own-memory', () => {
  it('copies a view out of the block that it is a part of', () => {
    const block = Buffer.from('before, what is kept, after');
    const view = block.subarray(8, 20);
    const own = inOwnMemory(view);
    assert.equal(own.toString(), 'what is kept');
    assert.equal(own.buffer.byteLength, 12);
    block.fill('x');
    assert.equal(own.toString(), 'what is kept');
  });

  it('does not copy what has its memory for itself', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    assert.equal(inOwnMemory(bytes).buffer, bytes.buffer);
  });
});
