import assert from 'node:assert/strict';
import type { PoolObservation } from '../../../../src/hostagent/storage/driver.ts';
import {
  planPool,
  planPoolRemoval,
  planVolume,
  planVolumeRemoval,
} from '../../../../src/hostagent/storage/plan.ts';
import { buildUnpackCommand } from '../../../../src/hostagent/storage/dir/unpack-command.ts';

const image = { path: '/data/images/ab/image', compression: 'xz' } as const;
const volume = { name: 'default_web_1', image };
const absent: PoolObservation = { exists: false, volumes: [], hasLeftovers: false };
const empty: PoolObservation = { ...absent, exists: true };
const full: PoolObservation = { ...empty, volumes: [{ name: 'default_web_1', rootfs: '/r' }] };

describe('hostagent/storage/plan', () => {
  const cases = [
    { name: 'makes a pool', plan: planPool(absent), want: [{ action: 'createPool' }] },
    { name: 'leaves a pool alone', plan: planPool(full), want: [] },
    {
      name: 'tidies up',
      plan: planPool({ ...full, hasLeftovers: true }),
      want: [{ action: 'removeLeftovers' }],
    },
    { name: 'makes a volume', plan: planVolume(volume, empty), want: [{ action: 'createVolume', volume }] },
    { name: 'keeps a volume', plan: planVolume(volume, full), want: [] },
    {
      name: 'deletes a volume',
      plan: planVolumeRemoval('default_web_1', full),
      want: [{ action: 'deleteVolume', name: 'default_web_1' }],
    },
    { name: 'deletes a volume once', plan: planVolumeRemoval('default_web_1', empty), want: [] },
    { name: 'deletes a pool', plan: planPoolRemoval(empty), want: [{ action: 'deletePool' }] },
    { name: 'deletes a pool once', plan: planPoolRemoval(absent), want: [] },
  ];
  for (const { name, plan, want } of cases) {
    it(name, () => {
      assert.deepEqual(plan, want);
    });
  }
});

describe('hostagent/storage/dir/unpack-command', () => {
  it('unpacks as the containers’ root, from a file that it could not open itself', () => {
    const command = buildUnpackCommand(image, '/pool/.new-web', { base: 1_000_000, count: 65_536 });
    assert.deepEqual(command.args.slice(0, 6), [
      '-m',
      'u:0:1000000:65536',
      '-m',
      'g:0:1000000:65536',
      '--',
      'tar',
    ]);
    assert.deepEqual(command.input, { kind: 'file', path: image.path });
    assert(command.args.includes('--xz'));
  });
});
