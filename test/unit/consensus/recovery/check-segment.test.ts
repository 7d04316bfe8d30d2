import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  checkClosedSegment,
  checkOpenSegment,
  readEntries,
} from '../../../../src/consensus/recovery/check-segment.ts';
import { raftChecksum } from '../../../../src/consensus/recovery/raft-checksum.ts';

interface Entry {
  readonly term: number;
  readonly content: Buffer;
}

function encodeBatch(entries: readonly Entry[]): Buffer {
  const header = Buffer.alloc(8 + 16 * entries.length);
  header.writeBigUInt64LE(BigInt(entries.length), 0);
  for (const [index, { term, content }] of entries.entries()) {
    header.writeBigUInt64LE(BigInt(term), 8 + 16 * index);
    header.writeUInt8(1, 16 + 16 * index);
    header.writeUInt32LE(content.length, 20 + 16 * index);
  }
  const content = Buffer.concat(entries.map((entry) => entry.content));
  const sums = Buffer.alloc(8);
  sums.writeUInt32LE(raftChecksum(header), 0);
  sums.writeUInt32LE(raftChecksum(content), 4);
  return Buffer.concat([sums, header, content]);
}

function encodeSegment(batches: readonly (readonly Entry[])[], zeroBytes = 0): Buffer {
  const format = Buffer.alloc(8);
  format.writeBigUInt64LE(1n);
  return Buffer.concat([format, ...batches.map(encodeBatch), Buffer.alloc(zeroBytes)]);
}

describe('consensus/recovery/check-segment', () => {
  const entry = (term: number, byte: number): Entry => ({ term, content: Buffer.alloc(64, byte) });
  const batches = [[entry(1, 1), entry(1, 2)], [entry(2, 3)], [entry(2, 4)]];

  it('computes the checksum that Raft wrote into a file', () => {
    // The description of a snapshot of one voter and one spare; its checksum is 0x5fc909bc.
    const described =
      '08000000000000003000000000000000' +
      '01020000000000000001000000000000006d656d6265723a310001' +
      '02000000000000006d656d6265723a3200027f0000';
    assert.equal(raftChecksum(Buffer.from(described, 'hex')), 0x5fc909bc);
  });

  it('reads what is whole', () => {
    assert.deepEqual(checkClosedSegment(encodeSegment(batches), 4).problem, undefined);
    assert.equal(checkOpenSegment(encodeSegment(batches, 512)).newestTerm, 2);
    const contents = [...readEntries(encodeSegment(batches))].map(({ content }) => content[0]);
    assert.deepEqual(contents, [1, 2, 3, 4]);
  });

  it('takes a batch that was cut off at the end of an open segment for none', () => {
    const content = encodeSegment(batches);
    const torn = Buffer.concat([content.subarray(0, content.length - 10), Buffer.alloc(500)]);
    assert.equal(checkOpenSegment(torn).problem, undefined);
  });

  it('misses entries in a closed segment that is too short', () => {
    const { problem } = checkClosedSegment(encodeSegment(batches.slice(0, 2)), 4);
    assert.match(problem ?? '', /of its 4 entries only the first 3 can be read/);
  });

  it('finds every changed byte of a closed segment', () => {
    const content = encodeSegment(batches);
    // A byte of the format number counts as well; nothing lies between the batches.
    const byte = fc.integer({ min: 0, max: content.length - 1 });
    fc.assert(
      fc.property(byte, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const spoiled = Buffer.from(content);
        spoiled[at] = (spoiled[at] ?? 0) ^ flip;
        assert.notEqual(checkClosedSegment(spoiled, 4).problem, undefined);
      }),
    );
  });

  it('finds every changed byte of an open segment that is not in its last batch', () => {
    const content = encodeSegment(batches, 256);
    const lastAt = content.length - 256 - encodeBatch([entry(2, 4)]).length;
    const byte = fc.integer({ min: 8, max: lastAt - 1 });
    fc.assert(
      fc.property(byte, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const spoiled = Buffer.from(content);
        spoiled[at] = (spoiled[at] ?? 0) ^ flip;
        assert.match(checkOpenSegment(spoiled).problem ?? '', /are damaged/);
      }),
    );
  });
});
