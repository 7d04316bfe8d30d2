import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../base/clock.ts';
import { HostError } from '../../exec/host-error.ts';
import type { SimHost, SimInstance, SimStore } from '../../sim/sim-state.ts';
import type {
  InstanceAddress,
  InstanceDriver,
  InstanceObservation,
  InstanceSpec,
  InstanceStep,
  NicSpec,
} from '../driver.ts';

/** Instances on paper: they start at once, have an address where their network gives one, and end when asked. */
export interface SimInstanceDriver extends InstanceDriver {
  /** What a crash of the instance would do. */
  endInstance(name: string): Promise<void>;
}

export function createSimInstanceDriver(store: SimStore, clock: Clock): SimInstanceDriver {
  const watchers = new Set<(name: string) => void>();
  const end = async (name: string): Promise<void> => {
    const instance = store.host.instances.get(name);
    if (instance?.running === undefined) return;
    await store.change(() => {
      delete instance.running;
      delete instance.pid;
    });
    for (const watcher of watchers) watcher(name);
  };
  return {
    name: 'lxc',
    list: () => Promise.resolve([...store.host.instances.keys()]),
    observe: (name) => Promise.resolve(observe(store.host.instances.get(name))),
    readAddresses: (name) => Promise.resolve(readAddresses(store.host, name)),
    async apply(step, signal) {
      signal.throwIfAborted();
      await applyStep(step);
    },
    watchExits(onExit, signal) {
      watchers.add(onExit);
      signal.addEventListener('abort', () => watchers.delete(onExit), { once: true });
    },
    endInstance: end,
  };

  async function applyStep(step: InstanceStep): Promise<void> {
    switch (step.action) {
      case 'define':
        await define(store, step.spec);
        return;
      case 'start':
        await start(step.name);
        return;
      case 'requestStop':
        await store.change(({ instances }) => {
          const instance = instances.get(step.name);
          if (instance?.running !== undefined) instance.stopRequestedAtMs = clock.now();
        });
        clock.after(0, () => void end(step.name));
        return;
      case 'kill':
        await end(step.name);
        return;
      case 'delete':
        if (store.host.instances.get(step.name)?.running !== undefined) {
          throw new HostError('InUse', `deleting ${step.name}: it runs`);
        }
        await store.change(({ instances }) => instances.delete(step.name));
    }
  }

  async function start(name: string): Promise<void> {
    const instance = store.host.instances.get(name);
    if (instance === undefined) throw new HostError('NotFound', `starting ${name}: it is not defined`);
    if (instance.running !== undefined) return;
    await store.change((host) => {
      instance.running = instance.spec;
      instance.pid = host.nextPid;
      instance.startedAtMs = clock.now();
      delete instance.stopRequestedAtMs;
      host.nextPid += 1;
    });
  }
}

async function define(store: SimStore, spec: InstanceSpec): Promise<void> {
  const known = store.host.instances.get(spec.name);
  if (known !== undefined && known.spec.epoch > spec.epoch) {
    throw new HostError(
      'Busy',
      `defining ${spec.name}: epoch ${spec.epoch} is older than ${known.spec.epoch}`,
    );
  }
  await store.change(({ instances }) => {
    if (known === undefined) instances.set(spec.name, { spec });
    else known.spec = spec;
  });
}

function observe(instance: SimInstance | undefined): InstanceObservation | undefined {
  if (instance === undefined) return undefined;
  const { spec, running, pid, startedAtMs, stopRequestedAtMs } = instance;
  return {
    ...{ name: spec.name, uid: spec.uid, epoch: spec.epoch, spec },
    state: running === undefined ? 'Stopped' : 'Running',
    ...(pid === undefined ? {} : { pid }),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(stopRequestedAtMs === undefined ? {} : { stopRequestedAtMs }),
    isOutdated: running !== undefined && !isDeepStrictEqual(running, spec),
  };
}

function readAddresses({ instances, networks }: SimHost, name: string): readonly InstanceAddress[] {
  const nics = instances.get(name)?.running?.nics ?? [];
  return nics.flatMap((nic) => {
    const network = networks.get(nic.bridge);
    const gateway = network?.link?.addresses.find((address) => address.includes('.'));
    if (network === undefined || gateway === undefined) return [];
    const address = network.hosts[nic.hostName]?.ipv4Address ?? leaseOf(gateway, nic);
    return [{ interface: nic.name, family: 'inet' as const, address }];
  });
}

/** The same for the same hardware address, as a DHCP server would have it. */
function leaseOf(gateway: string, { hwaddr }: NicSpec): string {
  const [first, second, third] = gateway.split('.');
  const last = 2 + ((createHash('sha256').update(hwaddr).digest()[0] ?? 0) % 250);
  return `${first ?? ''}.${second ?? ''}.${third ?? ''}.${last}`;
}
