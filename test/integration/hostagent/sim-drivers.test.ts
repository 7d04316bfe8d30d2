import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import type { Host } from '../../../src/hostagent/host.ts';
import { createSimInstanceDriver } from '../../../src/hostagent/instance/sim/sim-instance-driver.ts';
import { networkHwaddr } from '../../../src/hostagent/network/names.ts';
import { createSimHost } from '../../../src/hostagent/sim/create-sim-host.ts';
import { openSimStore } from '../../../src/hostagent/sim/sim-state.ts';
import { describeInstanceDriver } from '../../support/instance-driver-contract.ts';
import { describeNetworkDriver } from '../../support/network-driver-contract.ts';
import { describeStorageDriver } from '../../support/storage-driver-contract.ts';

/** The same contracts as the real drivers: what controllers learn from a simulated host has to be true of a real one. */
describe('hostagent: simulated drivers', () => {
  let directory = '';
  let host: Host | undefined;
  const open = (): Host => {
    assert(host !== undefined);
    return host;
  };
  const openHost = () =>
    createSimHost({
      commands: { run: () => Promise.reject(new Error('a simulated host runs no command')) },
      clock: systemClock,
      dataDir: directory,
      parseYaml: () => undefined,
    });

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'muster-sim-'));
    await writeFile(path.join(directory, 'image'), '');
    host = await openHost();
  });
  after(() => rm(directory, { recursive: true, force: true }));

  describeStorageDriver('sim', () => ({
    driver: open().storage.dir,
    pool: { name: 'default', uid: 'p1', source: path.join(directory, 'pools', 'default') },
    image: { path: path.join(directory, 'image'), compression: 'none' },
    isSimulated: true,
  }));

  describeNetworkDriver('sim', () => ({
    driver: open().networks.bridge,
    spec: {
      name: 'muster0',
      uid: 'n1',
      interface: 'muster0',
      hwaddr: networkHwaddr('n1'),
      mtu: 1_500,
      ipv4: {
        address: '10.98.1.1/24',
        hasNat: true,
        hasDhcp: true,
        dhcpRanges: [],
        dhcpExpirySeconds: 3_600,
      },
      dns: { domain: 'muster', mode: 'managed' },
      externalInterfaces: [],
    },
    killService: () => {
      const network = { name: 'muster0', uid: 'n1', interface: 'muster0' };
      void open().networks.bridge.apply(network, { action: 'stopService' }, new AbortController().signal);
    },
    reopen: () => open().networks.bridge,
  }));

  describe('instances', () => {
    const store = () => openSimStore(path.join(directory, 'instances.json'));
    const held = { driver: undefined as ReturnType<typeof createSimInstanceDriver> | undefined };
    const driver = () => (held.driver ??= createSimInstanceDriver(store(), systemClock));
    describeInstanceDriver('sim', () => ({
      driver: driver(),
      spec: {
        ...{ name: 'default_web', uid: 'i1', epoch: 2, hostname: 'web', rootfs: '/nonexistent' },
        ...{ environment: {}, limits: {}, nics: [] },
      },
      reopen: () => Promise.resolve(createSimInstanceDriver(store(), systemClock)),
      endInstance: ({ name }) => driver().endInstance(name),
    }));
  });
});
