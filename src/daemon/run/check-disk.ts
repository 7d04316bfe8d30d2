import { statfs } from 'node:fs/promises';

const leastFreeBytes = 64 * 1024 * 1024; // one Raft segment and a snapshot; below that the database soon stops

/** What is wrong with the disk of the data directory, in words. */
export async function checkDisk(directory: string): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= leastFreeBytes) return undefined;
  const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`;
  return `the disk of ${directory} has ${mebibytes(freeBytes)} left; the database needs ${mebibytes(leastFreeBytes)}`;
}
