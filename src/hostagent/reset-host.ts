import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { HostError } from './exec/host-error.ts';
import type { Host } from './host.ts';
import { createInstanceDisks } from './instance/instance-disks.ts';
import { removeInstance } from './instance/remove-instance.ts';
import { tearDownNetwork, type NetworkRecord } from './network/network-agent.ts';
import { createRecordStore } from './record-store.ts';
import { tearDownPool, type PoolRecord } from './storage/pool-agent.ts';

export interface ResetOptions {
  readonly host: Host;
  /** Whether instances that are here are removed with their disks; otherwise they keep everything as it is. */
  readonly mayRemoveInstances: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Removes what the host agent has made on this host, and nothing else. Can be repeated after it was cut short. */
export async function resetHost(options: ResetOptions, signal: AbortSignal): Promise<void> {
  const { host, logger } = options;
  const pools = createRecordStore<PoolRecord>(join(host.places.records, 'pools'));
  const networks = createRecordStore<NetworkRecord>(join(host.places.records, 'networks'));
  await removeInstances(options, pools, signal);
  for (const name of await networks.list()) {
    const record = await networks.get(name);
    if (record !== undefined) await tearDownNetwork(host.networks, name, record, signal);
    await networks.remove(name);
    logger.info({ network: name }, 'removed a network from this host');
  }
  for (const name of await pools.list()) {
    const record = await pools.get(name);
    if (record !== undefined) await tearDownPool(host.storage, name, record, signal);
    await pools.remove(name);
    logger.info({ pool: name }, 'removed a pool from this host');
  }
  await host.virtualAddress.remove(signal);
  for (const digest of await host.imageStore.list()) await host.imageStore.remove(digest);
}

async function removeInstances(
  { host, mayRemoveInstances, clock, logger }: ResetOptions,
  records: ReturnType<typeof createRecordStore<PoolRecord>>,
  signal: AbortSignal,
): Promise<void> {
  const disks = createInstanceDisks({ drivers: host.storage, records, store: host.imageStore });
  const driver = host.instances;
  const names = new Set([...(await driver.list(signal)), ...(await disks.listOwners(signal))]);
  if (names.size > 0 && !mayRemoveInstances) {
    throw new HostError('InUse', `making this host clean: it still holds ${[...names].join(', ')}`);
  }
  for (const name of names) {
    for (;;) {
      const waitMs = await removeInstance.fromHost({ clock, disks, driver }, name, signal);
      if (waitMs === undefined) break;
      await clock.sleep(waitMs, signal);
    }
    logger.info({ instance: name }, 'removed an instance from this host');
  }
}
