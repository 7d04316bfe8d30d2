import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';

import type { DiskMeasure } from './disk-level.ts';

const snapshotName = /^snapshot-\d+-\d+-\d+$/;

/** Looks at the disk of the database directory, and at what is set aside there. */
export async function measureDisk(directory: string, reserve: string): Promise<DiskMeasure> {
  const [{ bavail, bsize }, snapshotBytes, reserveBytes] = await Promise.all([
    statfs(directory),
    biggestSnapshot(directory),
    sizeOf(reserve),
  ]);
  return { freeBytes: bavail * bsize, snapshotBytes, reserveBytes };
}

async function biggestSnapshot(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => snapshotName.test(name));
  const sizes = await Promise.all(names.map((name) => sizeOf(path.join(directory, name))));
  return Math.max(0, ...sizes);
}

/** libraft removes snapshots while we look, and nothing may be set aside yet. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
