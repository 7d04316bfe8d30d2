import { chmod, chown, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandRunner } from '../../exec/command.ts';
import { HostError, hostErrorFrom, systemCodeOf } from '../../exec/host-error.ts';
import { withRevert } from '../../exec/revert.ts';
import { writeFileAtomic } from '../../exec/write-file-atomic.ts';
import type { IdMap } from '../../id-map.ts';
import type { PoolObservation, PoolRef, StorageDriver, StorageStep, VolumeSpec } from '../driver.ts';
import { findBarrier } from '../find-barrier.ts';
import { buildUnpackCommand } from './unpack-command.ts';

export interface DirDriverDeps {
  readonly commands: CommandRunner;
  readonly idMap: IdMap;
}

interface DirDriver extends DirDriverDeps {
  /** Drafts that are being filled or removed at this moment: they look like leftovers and are none. */
  readonly beingMade: Set<string>;
}

// Names of volumes never start with a dot.
const draftPrefix = '.new-';
const doomedPrefix = '.old-';
const volumesFolder = 'instances';
const markFile = '.muster-pool';

/** A plain directory: a volume is a folder with the root file system, owned by the container's own ids. */
export function createDirDriver(driverDeps: DirDriverDeps): StorageDriver {
  const deps: DirDriver = { ...driverDeps, beingMade: new Set() };
  return {
    name: 'dir',
    observe: (pool) => observe(deps, pool),
    async apply(pool, step, signal) {
      const doing = `${describe[step.action]} of pool ${pool.name}`;
      try {
        await applyStep(deps, pool, step, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof HostError ? error : hostErrorFrom(error, doing);
      }
    },
  };
}

const describe: Readonly<Record<StorageStep['action'], string>> = {
  createPool: 'making the directory',
  deletePool: 'removing the directory',
  createVolume: 'creating a volume',
  deleteVolume: 'deleting a volume',
  removeLeftovers: 'removing leftovers',
};

async function applyStep(
  deps: DirDriver,
  pool: PoolRef,
  step: StorageStep,
  signal: AbortSignal,
): Promise<void> {
  switch (step.action) {
    case 'createPool':
      await createPool(pool, deps.idMap);
      return;
    case 'deletePool':
      await deletePool(deps, pool);
      return;
    case 'createVolume':
      await createVolume(deps, pool, step.volume, signal);
      return;
    case 'deleteVolume':
      await deleteVolume(pool, step.name);
      return;
    case 'removeLeftovers':
      for (const leftover of await listLeftovers(deps, pool)) await removeTree(leftover);
  }
}

async function observe(deps: DirDriver, pool: PoolRef): Promise<PoolObservation> {
  if ((await readMark(pool)) !== pool.uid) return { exists: false, volumes: [], hasLeftovers: false };
  const names = await listFolders(volumesOf(pool));
  const volumes = names
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, rootfs: join(volumesOf(pool), name, 'rootfs') }));
  return { exists: true, volumes, hasLeftovers: (await listLeftovers(deps, pool)).length > 0 };
}

async function createPool(pool: PoolRef, { base }: IdMap): Promise<void> {
  const mark = await readMark(pool);
  if (mark === pool.uid) return;
  if (mark !== undefined) throw new HostError('InUse', `using ${pool.source}: it belongs to another pool`);
  await mkdir(pool.source, { recursive: true });
  if ((await readdir(pool.source)).some((name) => name !== volumesFolder)) {
    throw new HostError('InUse', `using ${pool.source} for pool ${pool.name}: the directory is not empty`);
  }
  await mkdir(volumesOf(pool), { recursive: true });
  for (const directory of [pool.source, volumesOf(pool)]) {
    // Files of a container may carry set-user-id bits: nobody but its own root may pass.
    await chown(directory, 0, base);
    await chmod(directory, 0o710);
  }
  const barrier = await findBarrier(volumesOf(pool), base);
  if (barrier !== undefined) {
    throw new HostError(
      'NotSupported',
      `using ${pool.source} for pool ${pool.name}: containers run as user ${base} and may not pass ${barrier}; ` +
        `"chmod o+x ${barrier}" allows it`,
    );
  }
  await writeFileAtomic(join(pool.source, markFile), pool.uid);
}

/** Takes only what is ours, and leaves the directory itself when somebody put something into it. */
async function deletePool(deps: DirDriver, pool: PoolRef): Promise<void> {
  if ((await readMark(pool)) !== pool.uid) return;
  for (const leftover of await listLeftovers(deps, pool)) await removeTree(leftover);
  const left = await listFolders(volumesOf(pool));
  if (left.length > 0)
    throw new HostError('InUse', `deleting pool ${pool.name}: it holds ${left.slice(0, 5).join(', ')}`);
  await rm(volumesOf(pool), { recursive: true, force: true });
  await rm(join(pool.source, markFile), { force: true });
  await rmdir(pool.source).catch((error: unknown) => {
    const code = systemCodeOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EBUSY' && code !== 'ENOENT') throw error;
  });
}

/** Unpacks beside the final place, so that a volume with its name is whole. */
async function createVolume(
  { commands, idMap, beingMade }: DirDriver,
  pool: PoolRef,
  { name, image }: VolumeSpec,
  signal: AbortSignal,
): Promise<void> {
  const target = join(volumesOf(pool), name);
  if (await isThere(target)) return;
  const draft = join(volumesOf(pool), `${draftPrefix}${name}`);
  using _ = holdPath(beingMade, draft);
  await removeTree(draft);
  await withRevert(async (revert) => {
    await mkdir(draft, { mode: 0o700 });
    revert.add(() => removeTree(draft));
    await chown(draft, idMap.base, idMap.base);
    await commands.run(buildUnpackCommand(image, draft, idMap), signal);
    if (!(await isThere(join(draft, 'rootfs')))) {
      throw new HostError('NotSupported', `unpacking ${image.path}: it has no rootfs/`);
    }
    // Metadata and templates belong to the image, not to the volume.
    for (const entry of await listFolders(draft)) {
      if (entry !== 'rootfs') await removeTree(join(draft, entry));
    }
    await rename(draft, target);
  });
}

/** Renamed first: a deletion that is cut off never leaves half a volume under its name. */
async function deleteVolume(pool: PoolRef, name: string): Promise<void> {
  const doomed = join(volumesOf(pool), `${doomedPrefix}${name}`);
  await removeTree(doomed);
  try {
    await rename(join(volumesOf(pool), name), doomed);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  await removeTree(doomed);
}

async function listLeftovers({ beingMade }: DirDriver, pool: PoolRef): Promise<readonly string[]> {
  return (await listFolders(volumesOf(pool)))
    .filter((name) => name.startsWith('.'))
    .map((name) => join(volumesOf(pool), name))
    .filter((path) => !beingMade.has(path));
}

function holdPath(held: Set<string>, path: string): Disposable {
  held.add(path);
  return { [Symbol.dispose]: () => held.delete(path) };
}

function volumesOf({ source }: PoolRef): string {
  return join(source, volumesFolder);
}

async function readMark({ source }: PoolRef): Promise<string | undefined> {
  try {
    return (await readFile(join(source, markFile), 'utf8')).trim();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw hostErrorFrom(error, `reading ${source}`);
  }
}

async function listFolders(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw hostErrorFrom(error, `listing ${directory}`);
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 2 });
}
