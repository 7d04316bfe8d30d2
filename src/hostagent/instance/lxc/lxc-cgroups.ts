import { createHash } from 'node:crypto';
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostErrorFrom, systemCodeOf } from '../../exec/host-error.ts';

/** Members may share a machine and its cgroups; no two share a directory. */
export function cgroupBaseOf(directory: string): string {
  return `muster/${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
}

/** Directories in which liblxc makes cgroups: each hierarchy, below the cgroup of the host's first process. */
export async function listCgroupRoots(): Promise<readonly string[]> {
  const [mounts, own] = await Promise.all([
    readFile('/proc/mounts', 'utf8'),
    readFile('/proc/1/cgroup', 'utf8'),
  ]);
  return parseCgroupRoots(mounts, own);
}

export function parseCgroupRoots(mounts: string, firstProcess: string): readonly string[] {
  const points = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, point = '']) => point);
  const below = firstProcess.split('\n').map((line) => line.split(':').slice(2).join(':'));
  const bases = [
    '/',
    ...below.filter((path) => path !== '').map((path) => path.replace(/\/init\.scope$/, '/')),
  ];
  return [
    ...new Set(points.flatMap((point) => bases.map((base) => join(point, base).replace(/(.)\/$/, '$1')))),
  ];
}

/** liblxc removes the cgroups with processes, but leaves the directories above them. */
export async function removeCgroups(cgroup: string): Promise<void> {
  for (const root of await listCgroupRoots()) {
    await removeTree(join(root, cgroup));
    await removeEmptyParents(root, dirname(cgroup));
  }
}

async function removeEmptyParents(root: string, cgroup: string): Promise<void> {
  if (cgroup === '.') return;
  try {
    await rmdir(join(root, cgroup));
  } catch {
    return; // other containers have theirs in it
  }
  await removeEmptyParents(root, dirname(cgroup));
}

async function removeTree(directory: string): Promise<void> {
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await removeTree(join(directory, entry.name));
    }
    await rmdir(directory);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw hostErrorFrom(error, `removing cgroup ${directory}`);
  }
}
