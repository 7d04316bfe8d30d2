import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { storagePools as resource } from '../../api/generated/resources.ts';
import type { StoragePool, StoragePoolStatusMember } from '../../api/generated/storage-pool.ts';
import type { Informer } from '../../runtime/informer.ts';
import { uidOf, type AgentTools, type Reconcile } from '../agent-tools.ts';
import { HostError } from '../exec/host-error.ts';
import { createPartAgent } from '../part-agent.ts';
import type { RecordStore } from '../record-store.ts';
import type { PoolRef, StorageDriver } from './driver.ts';
import { planPool, planPoolRemoval } from './plan.ts';

export type StorageDrivers = Readonly<Record<StorageDriver['name'], StorageDriver>>;

/** What this host made of a pool. Its source stays, whatever the object says later. */
export interface PoolRecord {
  readonly uid: string;
  readonly driver: StorageDriver['name'];
  readonly source: string;
}

export interface PoolAgentDeps extends AgentTools {
  readonly drivers: StorageDrivers;
  readonly records: RecordStore<PoolRecord>;
  readonly pools: Informer<StoragePool>;
  /** Where pools live that name no place. */
  readonly defaultDirectory: string;
}

/** Makes this member's part of each pool. A pool with volumes refuses to go, so nobody has to be asked. */
export function createPoolAgent(deps: PoolAgentDeps): Reconcile {
  return createPartAgent(deps, {
    resource,
    informer: deps.pools,
    records: deps.records,
    isUsedHere: () => false,
    create: (stored, record, signal) => createPool(deps, stored, record, signal),
    tearDown: (name, record, signal) => tearDownPool(deps.drivers, name, record, signal),
  });
}

export async function tearDownPool(
  drivers: StorageDrivers,
  name: string,
  { uid, source, driver: driverName }: PoolRecord,
  signal: AbortSignal,
): Promise<void> {
  const driver = drivers[driverName];
  const pool: PoolRef = { name, uid, source };
  for (const step of planPoolRemoval(await driver.observe(pool, signal))) {
    await driver.apply(pool, step, signal);
  }
}

async function createPool(
  deps: PoolAgentDeps,
  stored: StoragePool,
  record: PoolRecord | undefined,
  signal: AbortSignal,
): Promise<StoragePoolStatusMember> {
  const { drivers, memberName, records } = deps;
  const { name } = stored.metadata;
  const uid = uidOf(stored);
  const { driver } = stored.spec;
  if (!isServed(driver, drivers)) {
    throw new HostError('NotSupported', `creating pool ${name}: this member has no driver ${driver}`);
  }
  const wanted = stored.spec.members?.find((member) => member.name === memberName)?.source;
  const source = record?.source ?? wanted ?? join(deps.defaultDirectory, name);
  // Before the first step: a crash after it must not leave a directory that nobody remembers.
  if (record === undefined) await records.put(name, { uid, driver, source });
  try {
    await converge(drivers[driver], { name, uid, source }, signal);
  } catch (error) {
    // Nothing of it is there yet: the place may still be changed in the object.
    if (record === undefined) await records.remove(name);
    throw error;
  }
  const told = stored.status?.members?.find((part) => part.name === memberName);
  const usage = await readUsage(source, told);
  return { name: memberName, state: 'Created', source, ...usage, ...sayMoved(source, wanted) };
}

async function converge(driver: StorageDriver, pool: PoolRef, signal: AbortSignal): Promise<void> {
  for (const step of planPool(await driver.observe(pool, signal))) await driver.apply(pool, step, signal);
}

function sayMoved(source: string, wanted: string | undefined): Pick<StoragePoolStatusMember, 'message'> {
  if (wanted === undefined || wanted === source) return {};
  return { message: `stays at ${source}: a pool that exists cannot be moved to ${wanted}` };
}

/** A disk's use changes all the time; only what shows as another percentage is worth a write. */
async function readUsage(
  source: string,
  told: StoragePoolStatusMember | undefined,
): Promise<Pick<StoragePoolStatusMember, 'totalBytes' | 'usedBytes'>> {
  const { bsize, blocks, bfree } = await statfs(source);
  const totalBytes = blocks * bsize;
  const usedBytes = (blocks - bfree) * bsize;
  const isClose = told?.usedBytes !== undefined && Math.abs(told.usedBytes - usedBytes) < totalBytes / 100;
  return { totalBytes, usedBytes: isClose ? told.usedBytes : usedBytes };
}

function isServed(name: string, drivers: StorageDrivers): name is StorageDriver['name'] {
  return name in drivers;
}
