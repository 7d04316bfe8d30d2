import assert from 'node:assert/strict';
import { isHostError } from '../../src/hostagent/exec/host-error.ts';
import type {
  InstanceDriver,
  InstanceObservation,
  InstanceSpec,
  InstanceStep,
} from '../../src/hostagent/instance/driver.ts';
import { eventually } from './host/test-host.ts';

export interface InstanceWorld {
  readonly driver: InstanceDriver;
  /** Its root file system boots, and ends when it is asked to. */
  readonly spec: InstanceSpec;
  /** A new driver on the same host, as after a restart of musterd. */
  reopen(): Promise<InstanceDriver>;
  /** Ends its first process behind the driver's back. */
  endInstance(observed: InstanceObservation): Promise<void>;
}

const signal = new AbortController().signal;

/** What every instance backend has to hold. The instance does not exist yet, and is gone at the end. */
export function describeInstanceDriver(name: string, open: () => InstanceWorld): void {
  describe(`${name} as an instance driver`, () => {
    const observe = (): Promise<InstanceObservation | undefined> =>
      open().driver.observe(open().spec.name, signal);
    const apply = (step: InstanceStep): Promise<void> => open().driver.apply(step, signal);
    const act = (action: 'delete' | 'kill' | 'requestStop' | 'start'): Promise<void> =>
      apply({ action, name: open().spec.name });
    const untilStopped = () => eventually(observe, (seen) => seen?.state === 'Stopped');

    it('finds nothing before it made anything', async () => {
      assert.deepEqual([await observe(), await open().driver.list(signal)], [undefined, []]);
    });

    it('writes an instance down', async () => {
      const { spec } = open();
      await apply({ action: 'define', spec });
      await apply({ action: 'define', spec });
      const observed = await observe();
      assert.deepEqual([observed?.state, observed?.spec, observed?.uid], ['Stopped', spec, spec.uid]);
      assert.deepEqual(await open().driver.list(signal), [spec.name]);
    });

    it('refuses a definition of an older epoch', async () => {
      const older = { ...open().spec, epoch: open().spec.epoch - 1 };
      await assert.rejects(apply({ action: 'define', spec: older }), (error) => isHostError(error, 'Busy'));
    });

    it('starts it, and once only', async () => {
      await act('start');
      const first = await observe();
      await act('start');
      const second = await observe();
      assert.deepEqual([first?.state, first?.isOutdated], ['Running', false]);
      assert.deepEqual([second?.pid, second?.startedAtMs], [first?.pid, first?.startedAtMs]);
    });

    it('is taken over as it is after a restart', async () => {
      const before = await observe();
      const driver = await open().reopen();
      assert.deepEqual(await driver.observe(open().spec.name, signal), before);
    });

    it('keeps a change of the definition for the next start', async () => {
      const spec = { ...open().spec, environment: { CHANGED: 'yes' } };
      await apply({ action: 'define', spec });
      assert.equal((await observe())?.isOutdated, true);
      await apply({ action: 'define', spec: open().spec });
      assert.equal((await observe())?.isOutdated, false);
    });

    it('refuses to delete what runs', async () => {
      await assert.rejects(act('delete'), (error) => isHostError(error, 'InUse'));
    });

    it('tells that an instance ended', async () => {
      const ended: string[] = [];
      const watching = new AbortController();
      open().driver.watchExits((name) => ended.push(name), watching.signal);
      const running = await observe();
      assert(running !== undefined);
      await open().endInstance(running);
      await eventually(
        () => ended,
        (names) => names.length > 0,
        2_500,
      );
      watching.abort();
      assert.deepEqual(ended, [open().spec.name]);
      const stopped = await untilStopped();
      assert.deepEqual([stopped?.stopRequestedAtMs, stopped?.startedAtMs === undefined], [undefined, false]);
    });

    it('shuts it down when it is asked', async () => {
      await act('start');
      await act('requestStop');
      assert.notEqual((await observe())?.stopRequestedAtMs, undefined);
      await untilStopped();
    });

    it('kills it', async () => {
      await act('start');
      assert.equal((await observe())?.stopRequestedAtMs, undefined);
      await act('kill');
      await untilStopped();
      await act('kill');
    });

    it('leaves nothing when it is deleted, and is deleted once only', async () => {
      await act('delete');
      await act('delete');
      assert.deepEqual([await observe(), await open().driver.list(signal)], [undefined, []]);
    });
  });
}
