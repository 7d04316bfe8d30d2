import { findCondition } from '../../api/conditions.ts';
import type { Cluster, ClusterSpec } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import { members as resource } from '../../api/generated/resources.ts';
import { canonicalIp } from '../../base/canonical-ip.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Informer } from '../../runtime/informer.ts';
import { commitDraft, say, type AgentTools, type ConditionSaying, type Reconcile } from '../agent-tools.ts';
import { chooseLink } from './choose-link.ts';
import type { HostLink, VirtualAddressDriver } from './driver.ts';

export interface VirtualAddressAgentDeps extends AgentTools {
  readonly clusters: Informer<Cluster>;
  readonly members: Informer<Member>;
  readonly driver: VirtualAddressDriver;
  /** Whether this member's API answers `/readyz` with 200. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
}

type Wish = NonNullable<ClusterSpec['virtualAddress']>;

const condition = 'VirtualAddress';
const defaultRouterId = 51;
const lookEveryMs = 500;
const settledLookMs = 60_000;

/** Lets this host hold the cluster's virtual address while its API is ready. */
export function createVirtualAddressAgent(deps: VirtualAddressAgentDeps): Reconcile {
  const { clusters, driver } = deps;
  return async (name, signal) => {
    const wish = clusters.get(name)?.spec?.virtualAddress;
    if (wish === undefined) {
      await driver.remove(signal);
      await tell(deps, undefined, signal);
      return { recheckMs: settledLookMs };
    }
    const saying = await keep(deps, wish, signal);
    try {
      await tell(deps, saying, signal);
    } catch (error) {
      // The API may be what has failed: the next look must not wait for longer because of that.
      deps.logger.debug({ reason: describeError(error) }, 'the virtual address could not be reported');
    }
    return { recheckMs: lookEveryMs };
  };
}

async function keep(
  { driver, memberName, isReady }: VirtualAddressAgentDeps,
  wish: Wish,
  signal: AbortSignal,
): Promise<ConditionSaying> {
  const address = canonicalIp(wish.address);
  if (!(await driver.isInstalled())) {
    const message = `this host cannot hold ${address}: keepalived is missing; install the package keepalived`;
    return { status: 'False', reason: 'KeepalivedMissing', message };
  }
  const links = await driver.listLinks(signal);
  const choice = chooseLink(address, wish.interface, links);
  if ('problem' in choice) {
    await driver.remove(signal);
    return {
      status: 'False',
      reason: 'NoInterface',
      message: `this host cannot hold ${address}: ${choice.problem}`,
    };
  }
  const spec = { address, interface: choice.link, routerId: wish.routerID ?? defaultRouterId, memberName };
  try {
    await driver.ensure(spec, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { status: 'False', reason: 'KeepalivedFailed', message: describeError(error) };
  }
  const ready = await isReady(signal).catch(() => false);
  await (ready ? driver.sayReady() : driver.sayNotReady());
  if (!ready)
    return {
      status: 'False',
      reason: 'NotReady',
      message: `its API is not ready, so that it gives ${address} away`,
    };
  return isHeld(address, links)
    ? { status: 'True', reason: 'Held', message: `it has ${address} on ${choice.link}` }
    : {
        status: 'True',
        reason: 'StandingBy',
        message: `it takes ${address} when the member that has it fails`,
      };
}

function isHeld(address: string, links: readonly HostLink[]): boolean {
  return links.some(({ addresses }) => addresses.some((own) => own.address === address));
}

async function tell(
  deps: VirtualAddressAgentDeps,
  saying: ConditionSaying | undefined,
  signal: AbortSignal,
): Promise<void> {
  const stored = deps.members.get(deps.memberName);
  if (stored === undefined) return;
  const known = findCondition(stored.status, condition);
  if (known?.status === saying?.status && known?.message === saying?.message) return;
  const draft = structuredClone(stored);
  const status = (draft.status ??= {});
  if (saying === undefined) status.conditions = status.conditions?.filter(({ type }) => type !== condition);
  else say(draft, status, condition, saying, deps.clock.now());
  await commitDraft(deps, resource, stored, draft, signal);
}
