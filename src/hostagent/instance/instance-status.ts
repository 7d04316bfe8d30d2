import type { Instance, InstanceStatus, InstanceStatusAddress } from '../../api/generated/instance.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { ConditionSaying } from '../agent-tools.ts';
import type { InstanceAddress, InstanceObservation } from './driver.ts';
import type { InstanceWait } from './plan.ts';
import type { ResolvedNic } from './resolve-instance.ts';

/** What is known at the end of one look, and how it came about. */
export interface InstanceFacts {
  readonly wantsRunning: boolean;
  readonly prepared: ConditionSaying;
  readonly observed: InstanceObservation | undefined;
  readonly addresses: readonly InstanceAddress[];
  readonly nics: readonly ResolvedNic[];
  readonly wait?: { readonly reason: InstanceWait; readonly message: string } | undefined;
  /** What failed in this look. */
  readonly failure?: string | undefined;
}

export interface InstanceReport {
  readonly state: NonNullable<InstanceStatus['state']>;
  readonly running: ConditionSaying;
  readonly ready: ConditionSaying;
}

/** What to tell about an instance. The state is the short form of the conditions. */
export function reportInstance(facts: InstanceFacts): InstanceReport {
  const running = sayRunning(facts);
  return { state: stateOf(facts), running, ready: sayReady(facts, running) };
}

/** Fields that are there only while it runs go when it does not. */
export function writeRunStatus(status: NonNullable<Instance['status']>, facts: InstanceFacts): void {
  const { observed } = facts;
  const isUp = observed?.state === 'Running';
  status.pid = isUp ? observed.pid : undefined;
  status.startedAt =
    isUp && observed.startedAtMs !== undefined ? formatTimestamp(observed.startedAtMs) : undefined;
  const addresses = isUp ? nameNetworks(facts) : [];
  status.addresses = addresses.length === 0 ? undefined : addresses;
}

/** Interfaces that have not got what their network gives. */
export function missingAddresses({
  addresses,
  nics,
}: Pick<InstanceFacts, 'addresses' | 'nics'>): readonly string[] {
  return nics
    .filter(({ network: { status }, spec }) => {
      const family = status?.ipv4Address === undefined ? 'inet6' : 'inet';
      const gives = status?.ipv4Address !== undefined || status?.ipv6Address !== undefined;
      return gives && !addresses.some((found) => found.interface === spec.name && found.family === family);
    })
    .map(({ spec }) => spec.name);
}

function stateOf(facts: InstanceFacts): InstanceReport['state'] {
  const { failure, observed, prepared, wait } = facts;
  if (observed?.state === 'Running') return wait?.reason === 'Stopping' ? 'Stopping' : 'Running';
  if (failure !== undefined || wait?.reason === 'BackingOff') return 'Error';
  if (prepared.status !== 'True') return prepared.reason === 'Preparing' ? 'Preparing' : 'Pending';
  return restingState(facts);
}

function restingState({ observed, wantsRunning }: InstanceFacts): InstanceReport['state'] {
  if (wantsRunning) return 'Starting';
  return observed?.state === 'Changing' ? 'Stopping' : 'Stopped';
}

function sayRunning({ failure, observed, wait, wantsRunning }: InstanceFacts): ConditionSaying {
  if (observed?.state === 'Running') {
    if (wait?.reason === 'Stopping') return { status: 'True', reason: 'Stopping', message: wait.message };
    return { status: 'True', reason: 'Running', message: '' };
  }
  if (failure !== undefined) return { status: 'False', reason: 'Failed', message: failure };
  if (wait !== undefined) return { status: 'False', reason: wait.reason, message: wait.message };
  if (!wantsRunning) return { status: 'False', reason: 'Stopped', message: 'stopped as wanted' };
  return { status: 'False', reason: 'NotStarted', message: '' };
}

function sayReady(facts: InstanceFacts, running: ConditionSaying): ConditionSaying {
  const { prepared, wantsRunning } = facts;
  if (facts.failure !== undefined) return { status: 'False', reason: 'Failed', message: facts.failure };
  if (prepared.status !== 'True') return prepared;
  const isUp = running.status === 'True' && running.reason === 'Running';
  if (!wantsRunning) {
    if (running.reason === 'Stopped')
      return { status: 'True', reason: 'Stopped', message: 'stopped as wanted' };
    return { status: 'False', reason: running.reason, message: running.message };
  }
  if (!isUp) return { status: 'False', reason: running.reason, message: running.message };
  const missing = missingAddresses(facts);
  if (missing.length > 0) {
    return { status: 'False', reason: 'NoAddress', message: `no address yet on ${missing.join(', ')}` };
  }
  return { status: 'True', reason: 'Ready', message: '' };
}

function nameNetworks({ addresses, nics }: InstanceFacts): InstanceStatusAddress[] {
  const networkOf = new Map(nics.map(({ network, spec }) => [spec.name, network.metadata.name]));
  return addresses
    .map(({ interface: name, family, address }) => {
      const network = networkOf.get(name);
      return { interface: name, family, address, ...(network === undefined ? {} : { network }) };
    })
    .toSorted(byFamilyThenName);
}

function byFamilyThenName(a: InstanceStatusAddress, b: InstanceStatusAddress): number {
  return orderOf(a) < orderOf(b) ? -1 : 1;
}

function orderOf({ family, interface: name, address }: InstanceStatusAddress): string {
  return `${family === 'inet' ? 0 : 1} ${name} ${address}`;
}
