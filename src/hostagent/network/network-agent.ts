import { networkSettings } from '../../api/defaults.ts';
import type { Network, NetworkStatusMember } from '../../api/generated/network.ts';
import { networks as resource } from '../../api/generated/resources.ts';
import type { Informer } from '../../runtime/informer.ts';
import type { AgentTools, Reconcile } from '../agent-tools.ts';
import { HostError } from '../exec/host-error.ts';
import { createPartAgent } from '../part-agent.ts';
import type { RecordStore } from '../record-store.ts';
import { buildNetworkSpec } from './build-network-spec.ts';
import type { NetworkDriver, NetworkHost, NetworkObservation, NetworkRef, NetworkSpec } from './driver.ts';
import { planHosts, planNetwork, planNetworkRemoval } from './plan.ts';

export type NetworkDrivers = Readonly<Record<NetworkDriver['type'], NetworkDriver>>;

export interface NetworkRecord {
  readonly uid: string;
  readonly type: NetworkDriver['type'];
  readonly interface: string;
}

export interface NetworkAgentDeps extends AgentTools {
  readonly drivers: NetworkDrivers;
  readonly records: RecordStore<NetworkRecord>;
  readonly networks: Informer<Network>;
  /** Interfaces of the instances on this host that are attached to the network. */
  readonly listHosts: (network: Network) => readonly NetworkHost[];
}

const looksMax = 3;

/** Makes this member's part of each network, and keeps what DHCP and DNS know of the instances up to date. */
export function createNetworkAgent(deps: NetworkAgentDeps): Reconcile {
  return createPartAgent(deps, {
    resource,
    informer: deps.networks,
    records: deps.records,
    isUsedHere: (stored) => deps.listHosts(stored).length > 0,
    create: (stored, _record, signal) => createNetwork(deps, stored, signal),
    tearDown: (name, record, signal) => tearDownNetwork(deps.drivers, name, record, signal),
  });
}

export async function tearDownNetwork(
  drivers: NetworkDrivers,
  name: string,
  { uid, type, interface: interfaceName }: NetworkRecord,
  signal: AbortSignal,
): Promise<void> {
  const network: NetworkRef = { name, uid, interface: interfaceName };
  const driver = drivers[type];
  for (const step of planNetworkRemoval(await driver.observe(network, signal), uid)) {
    await driver.apply(network, step, signal);
  }
}

async function createNetwork(
  { drivers, listHosts, memberName, records }: NetworkAgentDeps,
  stored: Network,
  signal: AbortSignal,
): Promise<NetworkStatusMember> {
  const { name } = stored.metadata;
  const { type } = stored.spec;
  if (!isServedType(type, drivers)) {
    throw new HostError(
      'NotSupported',
      `creating network ${name}: this member has no networks of type ${type}`,
    );
  }
  if (!isAllocated(stored)) {
    return { name: memberName, state: 'Pending', message: 'waits for its subnet to be chosen' };
  }
  const driver = drivers[type];
  const spec = buildNetworkSpec(stored, memberName);
  await records.put(name, { uid: spec.uid, type, interface: spec.interface });
  const observed = await converge(driver, spec, signal);
  for (const step of planHosts(listHosts(stored), observed)) await driver.apply(spec, step, signal);
  return { name: memberName, state: 'Created' };
}

/** Looks again after acting: a network of the same name that is gone goes first, and what did not take shows. */
async function converge(
  driver: NetworkDriver,
  spec: NetworkSpec,
  signal: AbortSignal,
): Promise<NetworkObservation> {
  const wanted = driver.render(spec);
  for (let look = 1; ; look += 1) {
    const observed = await driver.observe(spec, signal);
    const steps = planNetwork(wanted, observed, spec.uid);
    if (steps.length === 0) return observed;
    if (look > looksMax) {
      const actions = steps.map(({ action }) => action).join(', ');
      throw new HostError('CommandFailed', `setting up network ${spec.name}: ${actions} had no effect`);
    }
    for (const step of steps) await driver.apply(spec, step, signal);
  }
}

/** An address that is wanted and not chosen yet is on its way. */
function isAllocated(network: Network): boolean {
  const { ipv4, ipv6 } = networkSettings(network);
  const { ipv4Address, ipv6Address } = network.status ?? {};
  const waits = (wanted: string, chosen: string | undefined): boolean =>
    wanted !== 'none' && wanted !== '' && chosen === undefined;
  return !waits(ipv4.address, ipv4Address) && !waits(ipv6.address, ipv6Address);
}

export function isServedType(type: string, drivers: NetworkDrivers): type is NetworkDriver['type'] {
  return type in drivers;
}
