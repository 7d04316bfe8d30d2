import { execFile } from 'node:child_process';
import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const limitMs = 20_000;
const ballast = 'ballast';
const mostTries = 5;

/** Mounts a file system of this size, which lives in memory, and answers how to take it away. Needs root. */
export async function mountSmallDisk(directory: string, mebibytes: number): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const options = `size=${mebibytes}m,mode=0700`;
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { timeout: limitMs });
  return async () => {
    await run('umount', ['-l', directory], { timeout: limitMs });
  };
}

/** Takes what is free but for so much. */
export async function fillDisk(directory: string, leaveMebibytes: number): Promise<void> {
  await freeDisk(directory);
  for (let tries = 1; ; tries += 1) {
    const { bavail, bsize } = await statfs(directory);
    const bytes = bavail * bsize - leaveMebibytes * 1024 * 1024;
    try {
      await run('fallocate', ['-l', String(bytes), path.join(directory, ballast)], { timeout: limitMs });
      return;
    } catch (error) {
      // The member writes too, and may have taken some of it between the look and the call.
      if (tries === mostTries) throw error;
      await freeDisk(directory);
    }
  }
}

export async function freeDisk(directory: string): Promise<void> {
  await rm(path.join(directory, ballast), { force: true });
}
