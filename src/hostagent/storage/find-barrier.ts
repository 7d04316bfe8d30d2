import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The first directory on the way down to `path` (itself left out) that a process with this user and group id
 * may not pass: a container's root has to reach its root file system by its own rights.
 */
export async function findBarrier(path: string, id: number): Promise<string | undefined> {
  for (const directory of ancestors(path)) {
    const { mode, uid, gid } = await stat(directory);
    if (!mayPass(mode, uid === id, gid === id)) return directory;
  }
  return undefined;
}

function mayPass(mode: number, isOwner: boolean, isInGroup: boolean): boolean {
  if (isOwner) return (mode & 0o100) !== 0;
  return (mode & (isInGroup ? 0o010 : 0o001)) !== 0;
}

/** From the root downwards. */
function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...ancestors(parent), parent];
}
