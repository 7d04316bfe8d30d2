import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkClosedSegment, checkOpenSegment } from './check-segment.ts';
import { findSnapshotDataProblem, findSnapshotMetaProblem } from './check-snapshot.ts';

export type DatabaseCheck =
  /** No log at all: a member that was never given a role, or one that has lost everything. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'sound' }
  /** The file and what is wrong with it, as one sentence. */
  | { readonly kind: 'damaged'; readonly problem: string };

const closedName = /^(?<first>\d{16})-(?<last>\d{16})$/;
const openName = /^open-(?<count>\d+)$/;
const snapshotName = /^snapshot-(?<term>\d+)-(?<index>\d+)-\d+$/;
const metadataNames = ['metadata1', 'metadata2'];
const metadataBytes = 32;

/**
 * Reads everything that Raft keeps in the directory, as far as its format lets one tell. libdqlite itself starts on
 * damaged files, hangs, or ends later. What cannot be told: that whole files at the end of the log are missing, and
 * a changed vote in the metadata, which has no checksum.
 */
export async function checkDatabase(directory: string): Promise<DatabaseCheck> {
  const names = (await listFiles(directory)).toSorted();
  const isPart = (name: string): boolean =>
    metadataNames.includes(name) || [closedName, openName, snapshotName].some((form) => form.test(name));
  if (!names.some(isPart)) return { kind: 'empty' };
  const read = (name: string): Promise<Buffer> => readFile(join(directory, name));
  try {
    const term = await checkMetadata(names, read);
    const snapshotIndex = await checkNewestSnapshot(names, read);
    const newestTerm = Math.max(
      await checkClosedSegments(names, snapshotIndex, read),
      await checkOpenSegments(names, read),
    );
    if (newestTerm > term)
      throw new Damage(`metadata: it says term ${term}, and the log has term ${newestTerm}`);
    return { kind: 'sound' };
  } catch (error) {
    if (error instanceof Damage) return { kind: 'damaged', problem: error.message };
    throw error;
  }
}

class Damage extends Error {}

type ReadFile = (name: string) => Promise<Buffer>;

async function listFiles(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Two copies, written in turn; one that is cut off is what a power failure leaves. */
async function checkMetadata(names: readonly string[], read: ReadFile): Promise<number> {
  const terms: number[] = [];
  for (const name of metadataNames.filter((one) => names.includes(one))) {
    const content = await read(name);
    if (content.length < metadataBytes) continue;
    const format = content.readBigUInt64LE(0);
    if (format !== 1n) throw new Damage(`${name}: it begins with the format number ${format}, not 1`);
    terms.push(Number(content.readBigUInt64LE(16)));
  }
  if (terms.length === 0) throw new Damage('metadata: neither metadata1 nor metadata2 can be read');
  return Math.max(...terms);
}

/** The index up to which the newest whole snapshot reaches; 0 without one. */
async function checkNewestSnapshot(names: readonly string[], read: ReadFile): Promise<number> {
  const snapshots = names.flatMap((name) => {
    const groups = snapshotName.exec(name)?.groups;
    // Raft itself ignores one whose description is missing: it was not finished.
    if (groups === undefined || !names.includes(`${name}.meta`)) return [];
    return [{ name, term: Number(groups['term']), index: Number(groups['index']) }];
  });
  const newest = snapshots.toSorted((a, b) => b.term - a.term || b.index - a.index)[0];
  if (newest === undefined) return 0;
  refuse(`${newest.name}.meta`, findSnapshotMetaProblem(await read(`${newest.name}.meta`)));
  refuse(newest.name, findSnapshotDataProblem(await read(newest.name)));
  return newest.index;
}

async function checkClosedSegments(
  names: readonly string[],
  snapshotIndex: number,
  read: ReadFile,
): Promise<number> {
  let expected = snapshotIndex + 1;
  let isFirst = true;
  let newestTerm = 0;
  for (const name of names) {
    const groups = closedName.exec(name)?.groups;
    if (groups === undefined) continue;
    const [first, last] = [Number(groups['first']), Number(groups['last'])];
    // Older ones are kept for followers that lag; Raft does not need them to start.
    if (last <= snapshotIndex) continue;
    if (isFirst ? first > expected : first !== expected) {
      throw new Damage(`${name}: the entries from ${expected} to ${first - 1} before it are missing`);
    }
    const { problem, newestTerm: term } = checkClosedSegment(await read(name), last - first + 1);
    refuse(name, problem);
    newestTerm = Math.max(newestTerm, term);
    expected = last + 1;
    isFirst = false;
  }
  return newestTerm;
}

async function checkOpenSegments(names: readonly string[], read: ReadFile): Promise<number> {
  const countOf = (name: string): number => Number(openName.exec(name)?.groups?.['count'] ?? 0);
  let newestTerm = 0;
  for (const name of names.filter((one) => openName.test(one)).toSorted((a, b) => countOf(a) - countOf(b))) {
    const { problem, newestTerm: term } = checkOpenSegment(await read(name));
    refuse(name, problem);
    newestTerm = Math.max(newestTerm, term);
  }
  return newestTerm;
}

function refuse(name: string, problem: string | undefined): void {
  if (problem !== undefined) throw new Damage(`${name}: ${problem}`);
}
