import { raftChecksum } from './raft-checksum.ts';

/*
 * `snapshot-TERM-INDEX-TIME.meta` (Raft 0.15, `uv_snapshot.c`): format, checksum of all that follows, index and length
 * of the configuration, the configuration. Beside it the data, as a frame of LZ4 when Raft was built with it.
 */
const headerBytes = 32;
const checkedFrom = 16;
const knownFormat = 1n;

/** What is wrong with the description of a snapshot; undefined when nothing is. */
export function findSnapshotMetaProblem(content: Buffer): string | undefined {
  if (content.length < headerBytes) return `it has ${content.length} bytes, fewer than its header`;
  const format = content.readBigUInt64LE(0);
  if (format !== knownFormat) return `it begins with the format number ${format}, not 1`;
  const end = headerBytes + Number(content.readBigUInt64LE(24));
  if (content.length < end) return `it ends after ${content.length} of ${end} bytes`;
  if (raftChecksum(content.subarray(checkedFrom, end)) !== content.readUInt32LE(8))
    return 'its checksum is wrong';
  return undefined;
}

const lz4Magic = 0x184d2204;
const uncompressedBit = 0x8000_0000;
const flags = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 };

/** Walks the frame block by block: what is cut off or overwritten at a block's head is found without unpacking. */
export function findSnapshotDataProblem(content: Buffer): string | undefined {
  if (content.length === 0) return 'it is empty';
  if (content.length < 7 || content.readUInt32LE(0) !== lz4Magic) return undefined; // not compressed
  const flag = content.readUInt8(4);
  const has = (bit: number): boolean => (flag & bit) !== 0;
  let offset = 7 + (has(flags.contentSize) ? 8 : 0) + (has(flags.dictionary) ? 4 : 0);
  for (;;) {
    if (offset + 4 > content.length) return `it ends in the middle (byte ${content.length})`;
    const size = content.readUInt32LE(offset);
    offset += 4;
    if (size === 0) break;
    offset += (size % uncompressedBit) + (has(flags.blockChecksum) ? 4 : 0);
  }
  const end = offset + (has(flags.contentChecksum) ? 4 : 0);
  return end === content.length ? undefined : `it has ${content.length} bytes, and should have ${end}`;
}
