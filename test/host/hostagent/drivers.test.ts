import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createCommandBroker, type CommandBroker } from '../../../src/hostagent/exec/command-broker.ts';
import { isHostError } from '../../../src/hostagent/exec/host-error.ts';
import { createHost, type Host } from '../../../src/hostagent/host.ts';
import type { InstanceSpec } from '../../../src/hostagent/instance/driver.ts';
import type { NetworkSpec } from '../../../src/hostagent/network/driver.ts';
import { networkHwaddr } from '../../../src/hostagent/network/names.ts';
import type { PoolRef } from '../../../src/hostagent/storage/driver.ts';
import { createTestHost, type TestHost } from '../../support/host/test-host.ts';
import { describeInstanceDriver } from '../../support/instance-driver-contract.ts';
import { describeNetworkDriver } from '../../support/network-driver-contract.ts';
import { describeStorageDriver } from '../../support/storage-driver-contract.ts';

const signal = new AbortController().signal;

describe('host: hostagent drivers', function () {
  this.timeout(60_000);
  let world: { readonly test: TestHost; readonly broker: CommandBroker; readonly host: Host } | undefined;
  const open = () => {
    assert(world !== undefined);
    return world;
  };
  const openHost = (): Promise<Host> => {
    const { broker, test } = open();
    const commands = test.inside(broker);
    const parseYaml = (text: string): unknown => load(text);
    return createHost({ commands, clock: systemClock, dataDir: test.dataDir, parseYaml });
  };
  const volumeImage = () => ({ path: open().test.image, compression: 'xz' }) as const;

  before(async () => {
    const broker = createCommandBroker(silentLogger);
    const test = await createTestHost('drivers');
    world = { test, broker, host: undefined as unknown as Host };
    world = { test, broker, host: await openHost() };
  });

  after(() => {
    const { broker, test } = open();
    broker.close();
    test.dispose();
  });

  describeStorageDriver('dir', () => ({
    driver: open().host.storage.dir,
    pool: { name: 'default', uid: 'p1', source: join(open().host.places.pools, 'default') },
    image: volumeImage(),
  }));

  it('dir gives a volume to the containers’ own users', async () => {
    const { host } = open();
    const pool: PoolRef = { name: 'owners', uid: 'p2', source: join(host.places.pools, 'owners') };
    const volume = { name: 'default_web_1', image: volumeImage() };
    await host.storage.dir.apply(pool, { action: 'createPool' }, signal);
    await host.storage.dir.apply(pool, { action: 'createVolume', volume }, signal);
    const [made] = (await host.storage.dir.observe(pool, signal)).volumes;
    assert(statSync(join(made?.rootfs ?? '', 'bin', 'busybox')).uid >= 65_536);
    await host.storage.dir.apply(pool, { action: 'deleteVolume', name: volume.name }, signal);
    await host.storage.dir.apply(pool, { action: 'deletePool' }, signal);
  });

  it('dir refuses a directory with something in it', async () => {
    const { host, test } = open();
    const source = join(test.dataDir, 'mine');
    mkdirSync(source);
    writeFileSync(join(source, 'letter.txt'), 'keep me');
    const pool: PoolRef = { name: 'mine', uid: 'p3', source };
    await assert.rejects(host.storage.dir.apply(pool, { action: 'createPool' }, signal), (error) =>
      isHostError(error, 'InUse'),
    );
    assert.equal(readFileSync(join(source, 'letter.txt'), 'utf8'), 'keep me');
  });

  it('dir removes what a step that was cut off left', async () => {
    const { host } = open();
    const pool: PoolRef = { name: 'cut', uid: 'p4', source: join(host.places.pools, 'cut') };
    await host.storage.dir.apply(pool, { action: 'createPool' }, signal);
    mkdirSync(join(pool.source, 'instances', '.new-default_web_1'));
    assert.equal((await host.storage.dir.observe(pool, signal)).hasLeftovers, true);
    await host.storage.dir.apply(pool, { action: 'removeLeftovers' }, signal);
    assert.deepEqual(await host.storage.dir.observe(pool, signal), {
      exists: true,
      volumes: [],
      hasLeftovers: false,
    });
    await host.storage.dir.apply(pool, { action: 'deletePool' }, signal);
  });

  const network: NetworkSpec = {
    name: 'muster0',
    uid: 'n1',
    interface: 'muster0',
    hwaddr: networkHwaddr('n1'),
    mtu: 1_500,
    ipv4: { address: '10.98.1.1/24', hasNat: true, hasDhcp: true, dhcpRanges: [], dhcpExpirySeconds: 3_600 },
    ipv6: { address: 'fd42:98::1/64', hasNat: true, hasDhcp: true },
    dns: { domain: 'muster', mode: 'managed' },
    externalInterfaces: [],
  };
  describeNetworkDriver('bridge', () => ({
    driver: open().host.networks.bridge,
    spec: network,
    killService() {
      const pid = readFileSync(join(open().host.places.networks, 'muster0', 'dnsmasq.pid'), 'utf8').trim();
      execFileSync('kill', ['-9', pid]);
    },
    reopen: () => open().host.networks.bridge,
  }));

  it('bridge leaves an interface alone that is not ours', async () => {
    const { host, test } = open();
    test.run('ip', 'link', 'add', 'dev', 'theirs0', 'type', 'bridge');
    const theirs = { ...network, name: 'theirs0', uid: 'n2', interface: 'theirs0' };
    const { link } = host.networks.bridge.render(theirs);
    await assert.rejects(
      host.networks.bridge.apply(theirs, { action: 'configureLink', link, staleAddresses: [] }, signal),
      (error) => isHostError(error, 'InUse'),
    );
    await host.networks.bridge.apply(theirs, { action: 'deleteNetwork' }, signal);
    assert.match(test.run('ip', '-br', 'link'), /^theirs0 /m);
    test.run('ip', 'link', 'delete', 'dev', 'theirs0');
  });

  describe('with a root file system', () => {
    const pool = (): PoolRef => ({ name: 'run', uid: 'p9', source: join(open().host.places.pools, 'run') });
    const volume = () => ({ name: 'default_web_9', image: volumeImage() });
    const buildSpec = (): InstanceSpec => ({
      name: 'default_web',
      uid: 'i1',
      epoch: 2,
      hostname: 'web',
      rootfs: join(pool().source, 'instances', volume().name, 'rootfs'),
      environment: {},
      limits: { cpuCount: 1, memoryBytes: 64 * 1024 * 1024 },
      nics: [],
    });

    before(async () => {
      await open().host.storage.dir.apply(pool(), { action: 'createPool' }, signal);
      await open().host.storage.dir.apply(pool(), { action: 'createVolume', volume: volume() }, signal);
    });

    describeInstanceDriver('lxc', () => ({
      driver: open().host.instances,
      spec: buildSpec(),
      reopen: async () => (await openHost()).instances,
      endInstance: ({ pid }) => {
        assert(pid !== undefined);
        process.kill(pid, 'SIGKILL');
        return Promise.resolve();
      },
    }));

    it('lxc says what is wrong with a root file system that does not boot', async () => {
      const { instances } = open().host;
      const spec = { ...buildSpec(), name: 'default_broken', uid: 'i2', rootfs: '/nonexistent' };
      await instances.apply({ action: 'define', spec }, signal);
      await assert.rejects(
        instances.apply({ action: 'start', name: spec.name }, signal),
        /starting container default_broken: .*nonexistent/,
      );
      await instances.apply({ action: 'delete', name: spec.name }, signal);
    });
  });

  describe('afterwards', () => {
    it('no process, interface or cgroup is left', () => {
      assert.deepEqual(open().test.findLeftovers(), []);
    });
  });
});
