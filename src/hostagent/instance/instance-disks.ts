import type { StoragePool } from '../../api/generated/storage-pool.ts';
import { HostError } from '../exec/host-error.ts';
import type { ImageStore, StoredImage } from '../image/image-store.ts';
import type { RecordStore } from '../record-store.ts';
import type { PoolRef, StorageDriver } from '../storage/driver.ts';
import { planVolume, planVolumeRemoval } from '../storage/plan.ts';
import type { PoolRecord, StorageDrivers } from '../storage/pool-agent.ts';
import { volumeName, volumePrefix } from './names.ts';

/** Root disks of instances, in the pools of this host. */
export interface InstanceDisks {
  /** The path of the root file system; undefined when there is none. */
  find(pool: StoragePool, hostName: string, uid: string, signal: AbortSignal): Promise<string | undefined>;
  findImage(digest: string): Promise<StoredImage | undefined>;
  create(
    pool: StoragePool,
    hostName: string,
    uid: string,
    image: StoredImage,
    signal: AbortSignal,
  ): Promise<string>;
  /** In every pool, and whatever its uid was: also what an earlier instance of the name left. */
  removeAll(hostName: string, signal: AbortSignal): Promise<void>;
  /** Names of all instances that have a disk here. */
  listOwners(signal: AbortSignal): Promise<readonly string[]>;
}

export interface InstanceDisksDeps {
  readonly drivers: StorageDrivers;
  readonly records: RecordStore<PoolRecord>;
  readonly store: Pick<ImageStore, 'find'>;
}

interface Place {
  readonly pool: PoolRef;
  readonly driver: StorageDriver;
}

export function createInstanceDisks({ drivers, records, store }: InstanceDisksDeps): InstanceDisks {
  async function placeOf(name: string): Promise<Place | undefined> {
    const record = await records.get(name);
    if (record === undefined) return undefined;
    return { pool: { name, uid: record.uid, source: record.source }, driver: drivers[record.driver] };
  }

  async function listPlaces(): Promise<readonly Place[]> {
    const places = await Promise.all((await records.list()).map(placeOf));
    return places.filter((place) => place !== undefined);
  }

  async function find(
    pool: StoragePool,
    hostName: string,
    uid: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const place = await placeOf(pool.metadata.name);
    if (place === undefined) return undefined;
    const { volumes } = await place.driver.observe(place.pool, signal);
    return volumes.find(({ name }) => name === volumeName(hostName, uid))?.rootfs;
  }

  return {
    find,
    findImage: (digest) => store.find(digest),

    async create(pool, hostName, uid, image, signal) {
      const { name } = pool.metadata;
      const place = await placeOf(name);
      if (place === undefined)
        throw new HostError('NotFound', `creating a volume: this host has no pool ${name}`);
      const wanted = { name: volumeName(hostName, uid), image: image.file };
      for (const step of planVolume(wanted, await place.driver.observe(place.pool, signal))) {
        await place.driver.apply(place.pool, step, signal);
      }
      const rootfs = await find(pool, hostName, uid, signal);
      if (rootfs === undefined)
        throw new HostError('NotFound', `creating a volume in pool ${name}: it is not there`);
      return rootfs;
    },

    async removeAll(hostName, signal) {
      for (const { driver, pool } of await listPlaces()) {
        const observed = await driver.observe(pool, signal);
        const owned = observed.volumes.filter(({ name }) => name.startsWith(volumePrefix(hostName)));
        const steps = owned.flatMap(({ name }) => planVolumeRemoval(name, observed));
        for (const step of steps) await driver.apply(pool, step, signal);
      }
    },

    async listOwners(signal) {
      const places = await listPlaces();
      const observed = await Promise.all(places.map(({ driver, pool }) => driver.observe(pool, signal)));
      const names = observed.flatMap(({ volumes }) => volumes.map(({ name }) => name.replace(/_[^_]*$/, '')));
      return [...new Set(names)];
    },
  };
}
