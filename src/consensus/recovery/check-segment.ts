import { raftChecksum } from './raft-checksum.ts';

/** What a file of the log holds, as far as it can be read. */
export interface SegmentContent {
  readonly entryCount: number;
  readonly newestTerm: number;
  /** What is wrong, and where; undefined when nothing is. */
  readonly problem?: string;
}

/*
 * The format is that of Raft 0.15 (`uv_segment.c`, `uv_encoding.c`): a format number, then batches. A batch is the
 * checksum of its header, that of its data, the number of entries, for each entry its term (8 bytes), its type (1, and
 * 3 unused) and the length of its data (4), then all data. Numbers are little-endian.
 */
const formatBytes = 8;
const checksumBytes = 8;
const countBytes = 8;
const entryBytes = 16;
const knownFormat = 1n;
const alignmentBytes = 8;
// Far more than dqlite writes at once: a greater number is no header but garbage.
const maxBatchEntries = 65_536;

/** A segment that Raft has closed is complete: its name says which entries it holds. */
export function checkClosedSegment(content: Buffer, expectedCount: number): SegmentContent {
  const format = readFormat(content);
  if (format !== knownFormat) return nothing(`it begins with the format number ${format}, not 1`);
  const read = readBatches(content);
  if (read.entryCount === expectedCount) return { ...read };
  const lost = `of its ${expectedCount} entries only the first ${read.entryCount} can be read`;
  return { ...read, problem: `${lost} (byte ${read.endOffset} of ${content.length})` };
}

/**
 * The segment that is being written may end in a batch that was cut off: Raft drops that, since it was never
 * acknowledged. Whole batches behind a broken one are another matter: what is broken was once good.
 */
export function checkOpenSegment(content: Buffer): SegmentContent {
  if (isZero(content)) return { entryCount: 0, newestTerm: 0 };
  const format = readFormat(content);
  if (format !== knownFormat) return nothing(`it begins with the format number ${format}, not 1`);
  const read = readBatches(content);
  if (isZero(content.subarray(read.endOffset)) || !hasBatchAfter(content, read.endOffset)) return read;
  return {
    ...read,
    problem: `entries after its first ${read.entryCount} are damaged (byte ${read.endOffset})`,
  };
}

function nothing(problem: string): SegmentContent {
  return { entryCount: 0, newestTerm: 0, problem };
}

function readFormat(content: Buffer): bigint {
  return content.length < formatBytes ? 0n : content.readBigUInt64LE(0);
}

interface Batches {
  readonly entryCount: number;
  readonly newestTerm: number;
  readonly endOffset: number;
}

function readBatches(content: Buffer): Batches {
  let endOffset = formatBytes;
  let entryCount = 0;
  let newestTerm = 0;
  for (
    let batch = readBatch(content, endOffset);
    batch !== undefined;
    batch = readBatch(content, endOffset)
  ) {
    entryCount += batch.entryCount;
    newestTerm = Math.max(newestTerm, batch.newestTerm);
    endOffset = batch.endOffset;
  }
  return { entryCount, newestTerm, endOffset };
}

/** Undefined when no whole batch with good checksums begins there. */
function readBatch(content: Buffer, offset: number): Batches | undefined {
  const start = offset + checksumBytes;
  if (start + countBytes > content.length) return undefined;
  const entryCount = Number(content.readBigUInt64LE(start));
  if (entryCount === 0 || entryCount > maxBatchEntries) return undefined;
  const dataStart = start + countBytes + entryCount * entryBytes;
  if (dataStart > content.length) return undefined;
  if (raftChecksum(content.subarray(start, dataStart)) !== content.readUInt32LE(offset)) return undefined;
  let dataBytes = 0;
  let newestTerm = 0;
  for (let entry = start + countBytes; entry < dataStart; entry += entryBytes) {
    newestTerm = Math.max(newestTerm, Number(content.readBigUInt64LE(entry)));
    dataBytes += content.readUInt32LE(entry + entryBytes - 4);
  }
  const endOffset = dataStart + dataBytes;
  if (endOffset > content.length) return undefined;
  if (raftChecksum(content.subarray(dataStart, endOffset)) !== content.readUInt32LE(offset + 4))
    return undefined;
  return { entryCount, newestTerm, endOffset };
}

export interface LogEntry {
  readonly term: number;
  /** 1 command, 2 barrier, 3 configuration. */
  readonly type: number;
  readonly content: Buffer;
}

/** The entries of a segment, as far as they are whole. */
export function* readEntries(content: Buffer): Generator<LogEntry, void> {
  let offset = formatBytes;
  for (let batch = readBatch(content, offset); batch !== undefined; batch = readBatch(content, offset)) {
    const heads = offset + checksumBytes + countBytes;
    let at = heads + batch.entryCount * entryBytes;
    for (let head = heads; head < heads + batch.entryCount * entryBytes; head += entryBytes) {
      const end = at + content.readUInt32LE(head + entryBytes - 4);
      const term = Number(content.readBigUInt64LE(head));
      yield { term, type: content.readUInt8(head + 8), content: content.subarray(at, end) };
      at = end;
    }
    offset = batch.endOffset;
  }
}

function hasBatchAfter(content: Buffer, offset: number): boolean {
  const first = Math.ceil((offset + 1) / alignmentBytes) * alignmentBytes;
  for (let at = first; at < content.length; at += alignmentBytes) {
    if (readBatch(content, at) !== undefined) return true;
  }
  return false;
}

function isZero(bytes: Buffer): boolean {
  // Much faster than looking at each byte from here.
  return bytes.equals(Buffer.alloc(bytes.length));
}
