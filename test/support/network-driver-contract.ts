import assert from 'node:assert/strict';
import type { NetworkDriver, NetworkSpec } from '../../src/hostagent/network/driver.ts';
import { planNetwork } from '../../src/hostagent/network/plan.ts';
import { eventually } from './host/test-host.ts';

export interface NetworkWorld {
  readonly driver: NetworkDriver;
  readonly spec: NetworkSpec;
  /** Ends the DHCP and DNS service behind the driver's back. */
  killService(): void;
  /** A new driver on the same host, as after a restart of musterd. */
  reopen(): NetworkDriver;
}

const signal = new AbortController().signal;

/** What every kind of network with an address of its own has to hold. It does not exist yet, and is gone at the end. */
export function describeNetworkDriver(name: string, open: () => NetworkWorld): void {
  describe(`${name} as a network driver`, () => {
    const look = async (driver = open().driver, spec = open().spec): Promise<readonly string[]> => {
      const observed = await driver.observe(spec, signal);
      return planNetwork(driver.render(spec), observed, spec.uid).map(({ action }) => action);
    };
    const converge = async (spec = open().spec): Promise<void> => {
      const { driver } = open();
      const observed = await driver.observe(spec, signal);
      for (const step of planNetwork(driver.render(spec), observed, spec.uid)) {
        await driver.apply(spec, step, signal);
      }
    };
    const hostIds = async () => (await open().driver.observe(open().spec, signal)).hostIds;

    it('makes all of it, and has nothing to do afterwards', async () => {
      await converge();
      assert.deepEqual(await look(), []);
    });

    it('is found as it is after a restart', async () => {
      assert.deepEqual(await look(open().reopen()), []);
    });

    it('notices that its service ended, and starts it again', async () => {
      open().killService();
      await eventually(
        () => look(),
        (steps) => steps.join() === 'startService',
      );
      await converge();
      assert.deepEqual(await look(), []);
    });

    it('follows a change of its address', async () => {
      const { ipv4 } = open().spec;
      assert(ipv4 !== undefined);
      const moved = { ...open().spec, ipv4: { ...ipv4, address: '10.98.1.1/25' } };
      await converge(moved);
      assert.deepEqual(await look(open().driver, moved), []);
      await converge();
      assert.deepEqual(await look(), []);
    });

    it('knows hosts until they are removed', async () => {
      const { driver, spec } = open();
      const host = { id: 'mv1', hwaddr: '00:16:3e:00:00:02', name: 'web' };
      await driver.apply(spec, { action: 'putHost', host }, signal);
      await driver.apply(spec, { action: 'putHost', host: { ...host, name: 'web2' } }, signal);
      assert.deepEqual(await hostIds(), ['mv1']);
      await driver.apply(spec, { action: 'removeHost', id: 'mv1' }, signal);
      await driver.apply(spec, { action: 'removeHost', id: 'mv1' }, signal);
      assert.deepEqual(await hostIds(), []);
    });

    it('leaves nothing when it is deleted, and is deleted once only', async () => {
      const { driver, spec } = open();
      await driver.apply(spec, { action: 'deleteNetwork' }, signal);
      await driver.apply(spec, { action: 'deleteNetwork' }, signal);
      const { link, firewallDigest, serviceDigest } = await driver.observe(spec, signal);
      assert.deepEqual([link, firewallDigest, serviceDigest], [undefined, undefined, undefined]);
    });
  });
}
