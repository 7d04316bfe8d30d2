import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';

import type { DiskMeasure } from './disk-level.ts';

const snapshotName = /^snapshot-\d+-\d+-\d+$/;

/** Looks at the disk of the database directory. */
export async function measureDisk(directory: string): Promise<DiskMeasure> {
  const { bavail, bsize } = await statfs(directory);
  const names = (await readdir(directory)).filter((name) => snapshotName.test(name));
  const sizes = await Promise.all(names.map((name) => sizeOf(path.join(directory, name))));
  return { freeBytes: bavail * bsize, snapshotBytes: Math.max(0, ...sizes) };
}

/** libraft removes snapshots while we look. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
