import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isHostError } from '../../src/hostagent/exec/host-error.ts';
import type { PoolRef, StorageDriver, StorageStep, VolumeImage } from '../../src/hostagent/storage/driver.ts';

export interface StorageWorld {
  readonly driver: StorageDriver;
  readonly pool: PoolRef;
  /** Holds `/bin/busybox`. */
  readonly image: VolumeImage;
  /** A simulated volume is empty. */
  readonly isSimulated?: boolean;
}

const signal = new AbortController().signal;

/** What every storage backend has to hold. The pool does not exist yet, and is gone at the end. */
export function describeStorageDriver(name: string, open: () => StorageWorld): void {
  describe(`${name} as a storage driver`, () => {
    const apply = (...steps: readonly StorageStep[]): Promise<void> =>
      steps.reduce(async (done, step) => {
        await done;
        await open().driver.apply(open().pool, step, signal);
      }, Promise.resolve());
    const observe = () => open().driver.observe(open().pool, signal);
    const names = async (): Promise<readonly string[]> =>
      (await observe()).volumes.map((volume) => volume.name);
    const createVolume = (volume = 'default_web_1', image = open().image): StorageStep => ({
      action: 'createVolume',
      volume: { name: volume, image },
    });

    it('finds nothing before it made anything', async () => {
      assert.deepEqual(await observe(), { exists: false, volumes: [], hasLeftovers: false });
    });

    it('makes a pool, and once only', async () => {
      await apply({ action: 'createPool' }, { action: 'createPool' });
      assert.deepEqual(await observe(), { exists: true, volumes: [], hasLeftovers: false });
    });

    it('refuses the place of another pool', async () => {
      const { driver, pool } = open();
      await assert.rejects(
        driver.apply({ ...pool, name: 'other', uid: 'other' }, { action: 'createPool' }, signal),
        (error) => isHostError(error, 'InUse'),
      );
    });

    it('makes a volume from an image, and once only', async () => {
      await apply(createVolume(), createVolume());
      const [volume] = (await observe()).volumes;
      assert(volume !== undefined);
      if (open().isSimulated !== true) assert(existsSync(join(volume.rootfs, 'bin', 'busybox')));
      assert.deepEqual(await names(), ['default_web_1']);
    });

    it('leaves no volume when its making fails', async () => {
      const image = { ...open().image, path: '/nonexistent' };
      await assert.rejects(apply(createVolume('default_broken_1', image)), (error) => isHostError(error));
      assert.deepEqual([await names(), (await observe()).hasLeftovers], [['default_web_1'], false]);
    });

    it('leaves no volume when its making is given up', async () => {
      const { driver, pool } = open();
      const giveUp = AbortSignal.timeout(15);
      await assert.rejects(driver.apply(pool, createVolume('default_late_1'), giveUp));
      assert.deepEqual(await names(), ['default_web_1']);
    });

    it('does not take a volume in the making for a leftover', async () => {
      const cleanUp = async () => {
        for (let round = 0; round < 200; round += 1) {
          await apply({ action: 'removeLeftovers' });
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([apply(createVolume('default_slow_1')), cleanUp()]);
      assert.deepEqual((await names()).toSorted(), ['default_slow_1', 'default_web_1']);
      await apply({ action: 'deleteVolume', name: 'default_slow_1' });
    });

    it('refuses to delete a pool that is in use', async () => {
      await assert.rejects(apply({ action: 'deletePool' }), (error) => isHostError(error, 'InUse'));
      assert.deepEqual(await names(), ['default_web_1']);
    });

    it('deletes a volume, and once only', async () => {
      const step = { action: 'deleteVolume', name: 'default_web_1' } as const;
      await apply(step, step);
      assert.deepEqual(await names(), []);
    });

    it('deletes the pool, and once only', async () => {
      await apply({ action: 'deletePool' }, { action: 'deletePool' });
      assert.equal((await observe()).exists, false);
    });
  });
}
