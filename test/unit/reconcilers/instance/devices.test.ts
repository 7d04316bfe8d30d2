import assert from 'node:assert/strict';
import type { InstanceDevice } from '../../../../src/api/generated/instance.ts';
import { findRootDisk, networksOf, poolsOf } from '../../../../src/reconcilers/instance/devices.ts';

const disk = (pool?: string): InstanceDevice => ({ type: 'disk', disk: { path: '/', pool } });
const nic = (network: string): InstanceDevice => ({ type: 'nic', nic: { network } });

describe('reconcilers/instance/devices', () => {
  const cases: {
    name: string;
    devices: Record<string, InstanceDevice>;
    root?: string;
    pools?: string[];
    networks?: string[];
  }[] = [
    { name: 'finds nothing in nothing', devices: {} },
    {
      name: 'finds the root disk by its path, whatever its name',
      devices: { a: disk('fast') },
      root: 'fast',
      pools: ['fast'],
    },
    {
      name: 'names each network once',
      devices: { a: nic('lan'), b: nic('wan'), c: nic('lan') },
      networks: ['lan', 'wan'],
    },
    { name: 'leaves out a disk without pool', devices: { a: disk() } },
    {
      name: 'leaves out what stands under the field of another type',
      devices: { a: { ...disk('fast'), type: 'none' }, b: { ...nic('lan'), type: 'none' } },
    },
  ];
  for (const { name, devices, root, pools = [], networks = [] } of cases) {
    it(name, () => {
      const all = new Map(Object.entries(devices));
      assert.deepEqual([findRootDisk(all)?.pool, poolsOf(all), networksOf(all)], [root, pools, networks]);
    });
  }
});
