import { findCondition } from '../../api/conditions.ts';
import { wantsRunning } from '../../api/defaults.ts';
import type { Image } from '../../api/generated/image.ts';
import type { Instance } from '../../api/generated/instance.ts';
import type { Network } from '../../api/generated/network.ts';
import type { Profile } from '../../api/generated/profile.ts';
import { instances as resource } from '../../api/generated/resources.ts';
import type { StoragePool } from '../../api/generated/storage-pool.ts';
import { formatKey, parseKey } from '../../api/resource.ts';
import { isApiError } from '../../api/api-error.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Informer } from '../../runtime/informer.ts';
import type { WorkResult } from '../../runtime/work-queue.ts';
import { commitDraft, say, type AgentTools, type Reconcile } from '../agent-tools.ts';
import type { InstanceDriver, InstanceObservation } from './driver.ts';
import { describeWait, hasEndedByItself, planWithRestarts } from './plan-with-restarts.ts';
import type { InstanceDisks } from './instance-disks.ts';
import { missingAddresses, reportInstance, writeRunStatus, type InstanceFacts } from './instance-status.ts';
import { instanceHostName } from './names.ts';
import type { InstancePlan } from './plan.ts';
import { removeInstance } from './remove-instance.ts';
import {
  resolveInstance,
  type InstanceParts,
  type InstanceWorld,
  type Resolution,
} from './resolve-instance.ts';
import type { RestartPolicy } from './restart-policy.ts';

export interface InstanceInformers {
  /** Those that are placed on this member. */
  readonly instances: Informer<Instance>;
  readonly images: Informer<Image>;
  readonly profiles: Informer<Profile>;
  readonly pools: Informer<StoragePool>;
  readonly networks: Informer<Network>;
}

export interface InstanceAgentDeps extends AgentTools {
  readonly informers: InstanceInformers;
  readonly driver: InstanceDriver;
  readonly disks: InstanceDisks;
  readonly restarts: RestartPolicy;
  readonly attachNics: AttachNics;
}

/** Makes the networks ready for these interfaces; answers what is missing, as a sentence. */
export type AttachNics = (nics: InstanceParts['nics'], signal: AbortSignal) => Promise<string | undefined>;

// Addresses come by DHCP and nothing announces them; later they rarely change.
const firstAddressRecheckMs = 300;
const addressRecheckMs = 30_000;
const blockedRecheckMs = 2_000;
// Define, start, and one more to see that it stands.
const roundsMax = 3;

/** Makes this host match one instance that is placed on it. */
export function createInstanceAgent(deps: InstanceAgentDeps): Reconcile {
  return async (key, signal) => {
    const stored = deps.informers.instances.get(key);
    if (stored === undefined) return removeInstance.unknown(deps, parseKey(key), signal);
    if (stored.metadata.deletionTimestamp !== undefined) return removeInstance.deleted(deps, stored, signal);
    return converge(deps, stored, signal);
  };
}

/** The object as last written in this pass, and what we know of it. */
interface Pass {
  stored: Instance;
  readonly hostName: string;
  resolution: Resolution;
  observed: InstanceObservation | undefined;
  plan: InstancePlan;
}

async function converge(deps: InstanceAgentDeps, stored: Instance, signal: AbortSignal): Promise<WorkResult> {
  const { driver } = deps;
  const { name, namespace = 'default' } = stored.metadata;
  const hostName = instanceHostName(namespace, name);
  const pass: Pass = {
    stored,
    hostName,
    resolution: resolveInstance(stored, worldOf(deps, namespace)),
    observed: await driver.observe(hostName, signal),
    plan: { steps: [] },
  };
  let failure: unknown;
  try {
    await act(deps, pass, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isApiError(error)) throw error;
    failure = error;
    pass.observed = await driver.observe(hostName, signal);
  }
  const recheckMs = await tell(deps, pass, failure, signal);
  // The queue's own backoff decides when a failure is tried again.
  if (failure !== undefined) throw failure as Error;
  return { recheckMs };
}

async function act(deps: InstanceAgentDeps, pass: Pass, signal: AbortSignal): Promise<void> {
  const rootfs = await prepareDisk(deps, pass, signal);
  // Looked at again after each round: a start that ends at once is seen in the same pass.
  for (let round = 0; round < roundsMax; round += 1) {
    pass.plan = planWithRestarts(deps, pass, rootfs);
    if (pass.plan.steps.length === 0) return;
    for (const step of pass.plan.steps) {
      if (step.action === 'start' && !(await prepareStart(deps, pass, signal))) return;
      await deps.driver.apply(step, signal);
      record(deps, pass.stored, step.action);
    }
    pass.observed = await deps.driver.observe(pass.hostName, signal);
    if (pass.plan.wait !== undefined) return;
  }
}

/** Whether it may be started; if not, the pass says why. */
async function prepareStart(deps: InstanceAgentDeps, pass: Pass, signal: AbortSignal): Promise<boolean> {
  const nics = pass.resolution.kind === 'resolved' ? pass.resolution.parts.nics : [];
  const missing = await deps.attachNics(nics, signal);
  if (missing !== undefined) {
    pass.resolution = { kind: 'blocked', reason: 'NetworkNotReady', message: missing };
    return false;
  }
  if (hasEndedByItself(pass.observed)) {
    deps.events.record(pass.stored, 'Warning', 'Exited', 'ended by itself and is started again');
    return true;
  }
  return isStillPlacedHere(deps, pass, signal);
}

/**
 * What the cache says may be old: it may have been given to another member since. So the API itself is asked
 * before a start; not before a restart, so that a crash heals while the API is away.
 */
async function isStillPlacedHere(deps: InstanceAgentDeps, pass: Pass, signal: AbortSignal): Promise<boolean> {
  const { metadata, status } = pass.stored;
  const { name, namespace = 'default' } = metadata;
  const current = await deps.clusterApi.get(resource, { name, namespace }, signal);
  const isSame = current?.metadata.uid === metadata.uid && current?.status?.epoch === status?.epoch;
  if (isSame && current?.status?.member === deps.memberName) return true;
  const message = 'its placement has changed in the meantime';
  pass.resolution = { kind: 'blocked', reason: 'PlacementChanged', message };
  return false;
}

/** The path of the root file system; undefined when there can be none, which the pass then says. */
async function prepareDisk(
  deps: InstanceAgentDeps,
  pass: Pass,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { disks, events } = deps;
  const { hostName, resolution, stored } = pass;
  if (resolution.kind !== 'resolved') return undefined;
  const { pool, imageDigest } = resolution.parts;
  const uid = stored.metadata.uid ?? '';
  const existing = await disks.find(pool, hostName, uid, signal);
  if (existing !== undefined) return existing;
  if (stored.status?.imageDigest !== undefined) {
    const message = `its root disk is gone from pool ${pool.metadata.name}; a new one would be empty, so none is made`;
    pass.resolution = { kind: 'blocked', reason: 'RootDiskGone', message };
    return undefined;
  }
  const image = imageDigest === undefined ? undefined : await disks.findImage(imageDigest);
  if (image === undefined) {
    const message = `image ${stored.spec.image} is on its way to this member`;
    pass.resolution = { kind: 'blocked', reason: 'ImageNotHere', message };
    return undefined;
  }
  pass.stored = await tellPreparing(deps, stored, signal);
  const rootfs = await disks.create(pool, hostName, uid, image, signal);
  const draft = structuredClone(pass.stored);
  draft.status = { ...draft.status, imageDigest: image.digest };
  pass.stored = await commitDraft(deps, resource, pass.stored, draft, signal);
  events.record(stored, 'Normal', 'Created', `made its root disk from image ${stored.spec.image}`);
  return rootfs;
}

const reasons = { start: 'Started', kill: 'Killed', requestStop: 'Stopping', delete: 'Removed' } as const;
const messages = {
  start: 'started on this member',
  kill: 'did not shut down in time and was killed',
  requestStop: 'was asked to shut down',
  delete: 'an earlier instance of this name was removed',
} as const;

function record({ events }: InstanceAgentDeps, about: Instance, action: string): void {
  if (action in reasons) {
    const known = action as keyof typeof reasons; // checked in the line above
    events.record(about, known === 'kill' ? 'Warning' : 'Normal', reasons[known], messages[known]);
  }
}

async function tellPreparing(
  deps: InstanceAgentDeps,
  stored: Instance,
  signal: AbortSignal,
): Promise<Instance> {
  // A further try does not hide why the last one failed.
  if (findCondition(stored.status, 'Prepared')?.reason === 'Failed') return stored;
  const draft = structuredClone(stored);
  const status = (draft.status ??= {});
  status.state = 'Preparing';
  const preparing = { status: 'False', reason: 'Preparing', message: 'making its root disk' } as const;
  say(draft, status, 'Prepared', preparing, deps.clock.now());
  say(draft, status, 'Ready', preparing, deps.clock.now());
  return commitDraft(deps, resource, stored, draft, signal);
}

/** Writes the status, and answers when to look again. */
async function tell(
  deps: InstanceAgentDeps,
  pass: Pass,
  failure: unknown,
  signal: AbortSignal,
): Promise<number> {
  const { clock, driver } = deps;
  const { stored, observed, plan, resolution } = pass;
  const isUp = observed?.state === 'Running';
  const nics = resolution.kind === 'resolved' ? resolution.parts.nics : [];
  const addresses = isUp ? await driver.readAddresses(pass.hostName, signal) : [];
  const message = failure === undefined ? undefined : describeError(failure);
  const facts: InstanceFacts = {
    wantsRunning: wantsRunning(stored.spec),
    prepared: sayPrepared(resolution, observed, message),
    observed,
    addresses,
    nics,
    wait:
      plan.wait === undefined ? undefined : { reason: plan.wait.reason, message: describeWait(deps, pass) },
    failure: message,
  };
  if (
    message !== undefined &&
    stored.status?.conditions?.every((known) => known.message !== message) !== false
  ) {
    deps.events.record(stored, 'Warning', 'Failed', message);
  }
  const report = reportInstance(facts);
  const draft = structuredClone(stored);
  const status = (draft.status ??= {});
  status.state = report.state;
  writeRunStatus(status, facts);
  say(draft, status, 'Prepared', facts.prepared, clock.now());
  say(draft, status, 'Running', report.running, clock.now());
  say(draft, status, 'Ready', report.ready, clock.now());
  pass.stored = await commitDraft(deps, resource, stored, draft, signal);
  return recheckAfter(facts, pass);
}

function recheckAfter(facts: InstanceFacts, { plan, resolution }: Pass): number {
  if (plan.wait !== undefined) return plan.wait.ms;
  if (resolution.kind === 'blocked') return blockedRecheckMs;
  const isWaitingForAddress = facts.observed?.state === 'Running' && missingAddresses(facts).length > 0;
  return isWaitingForAddress ? firstAddressRecheckMs : addressRecheckMs;
}

function sayPrepared(
  resolution: Resolution,
  observed: InstanceObservation | undefined,
  failure: string | undefined,
): InstanceFacts['prepared'] {
  if (resolution.kind === 'blocked') {
    const { reason, message } = resolution;
    if (observed?.state !== 'Running') return { status: 'False', reason, message };
    return { status: 'True', reason, message: `runs as it was started: ${message}` };
  }
  if (observed === undefined) {
    return failure === undefined
      ? { status: 'False', reason: 'Preparing', message: '' }
      : { status: 'False', reason: 'Failed', message: failure };
  }
  if (observed.isOutdated) {
    return {
      status: 'True',
      reason: 'RestartNeeded',
      message: 'changes take effect when it is started again',
    };
  }
  return { status: 'True', reason: 'Prepared', message: '' };
}

function worldOf({ informers, memberName }: InstanceAgentDeps, namespace: string): InstanceWorld {
  const inNamespace = (name: string): string => formatKey({ namespace, name });
  return {
    memberName,
    getImage: (name) => informers.images.get(inNamespace(name)),
    getProfile: (name) => informers.profiles.get(inNamespace(name)),
    getPool: (name) => informers.pools.get(name),
    getNetwork: (name) => informers.networks.get(name),
  };
}
