import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { HostError } from '../../exec/host-error.ts';
import type { SimPool, SimStore } from '../../sim/sim-state.ts';
import type { PoolRef, StorageDriver, StorageStep, VolumeSpec } from '../driver.ts';

const unpackMs = 30;

/** Pools of empty directories: volumes are there and can be counted, and hold nothing. */
export function createSimStorageDriver(store: SimStore, clock: Clock): StorageDriver {
  const poolAt = ({ source }: PoolRef): SimPool | undefined => store.host.pools.get(source);
  return {
    name: 'dir',
    observe(pool) {
      const volumes = Object.entries(poolAt(pool)?.volumes ?? {}).map(([name, rootfs]) => ({ name, rootfs }));
      return Promise.resolve({ exists: poolAt(pool) !== undefined, volumes, hasLeftovers: false });
    },
    async apply(pool, step, signal) {
      signal.throwIfAborted();
      await applyStep({ store, clock }, pool, step, signal);
    },
  };
}

interface Tools {
  readonly store: SimStore;
  readonly clock: Clock;
}

async function applyStep(
  { store, clock }: Tools,
  ref: PoolRef,
  step: StorageStep,
  signal: AbortSignal,
): Promise<void> {
  const { source } = ref;
  const pool = store.host.pools.get(source);
  switch (step.action) {
    case 'createPool':
      await createPool(store, ref);
      return;
    case 'deletePool':
      if (pool === undefined) return;
      if (Object.keys(pool.volumes).length > 0) {
        throw new HostError('InUse', `deleting pool ${ref.name}: it still has volumes`);
      }
      await store.change(({ pools }) => pools.delete(source));
      await rm(source, { recursive: true, force: true });
      return;
    case 'createVolume':
      if (pool === undefined) throw new HostError('NotFound', `creating a volume: no pool ${ref.name}`);
      await createVolume({ store, clock }, pool, ref, step.volume, signal);
      return;
    case 'deleteVolume':
      if (pool !== undefined) await store.change(() => Reflect.deleteProperty(pool.volumes, step.name));
      return;
    case 'removeLeftovers':
      return;
  }
}

async function createPool(store: SimStore, { name, uid, source }: PoolRef): Promise<void> {
  const pool = store.host.pools.get(source);
  if (pool !== undefined && pool.uid !== uid) {
    throw new HostError('InUse', `creating pool ${name}: ${source} belongs to pool ${pool.name}`);
  }
  await mkdir(source, { recursive: true });
  if (pool === undefined) await store.change(({ pools }) => pools.set(source, { name, uid, volumes: {} }));
}

async function createVolume(
  { store, clock }: Tools,
  pool: SimPool,
  { source }: PoolRef,
  { name, image }: VolumeSpec,
  signal: AbortSignal,
): Promise<void> {
  if (pool.volumes[name] !== undefined) return;
  if (!existsSync(image.path)) throw new HostError('NotFound', `unpacking the image ${image.path}`);
  // As long as a small image takes to unpack, so that giving up in the middle means something.
  await clock.sleep(unpackMs, signal);
  await store.change(() => {
    pool.volumes[name] = path.join(source, name, 'rootfs');
  });
}
