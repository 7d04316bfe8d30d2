import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const keptCount = 3;

/**
 * Moves a directory out of the way under a name with the time in it, and says which. Of earlier ones only the newest
 * few are kept, so that a disk that fails again and again is not filled with what it spoiled.
 */
export async function setAside(directory: string, nowMs: number): Promise<string | undefined> {
  const parent = dirname(directory);
  const prefix = `${basename(directory)}.set-aside-`;
  const target = join(parent, prefix + new Date(nowMs).toISOString().replaceAll(':', '-'));
  try {
    await rename(directory, target);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const earlier = (await readdir(parent)).filter((name) => name.startsWith(prefix)).toSorted();
  for (const name of earlier.slice(0, -keptCount)) await rm(join(parent, name), { recursive: true });
  return target;
}
