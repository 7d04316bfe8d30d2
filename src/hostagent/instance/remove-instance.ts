import type { Instance } from '../../api/generated/instance.ts';
import { instances as resource } from '../../api/generated/resources.ts';
import { instanceFinalizer } from '../../api/names.ts';
import { formatKey, type ObjectName } from '../../api/resource.ts';
import type { WorkResult } from '../../runtime/work-queue.ts';
import { commitDraft } from '../agent-tools.ts';
import type { InstanceAgentDeps } from './instance-agent.ts';
import { instanceHostName } from './names.ts';
import { planRemoval } from './plan.ts';

type RemoveDeps = Pick<
  InstanceAgentDeps,
  'clock' | 'clusterApi' | 'disks' | 'driver' | 'events' | 'logger' | 'memberName' | 'restarts'
>;

// The API may be ahead of our cache for a moment.
const cacheRecheckMs = 500;
// It is going to be deleted: there is nothing that a clean shutdown would save.
const deletionGraceMs = 0;
const stopGraceMs = 30_000;

export const removeInstance = { deleted: removeDeleted, unknown: removeUnknown, fromHost: removeFromHost };

/** An instance that is being deleted: the finalizer goes when nothing of it is left on this host. */
async function removeDeleted(
  deps: RemoveDeps,
  stored: Instance,
  signal: AbortSignal,
): Promise<WorkResult | undefined> {
  const { name, namespace = 'default', finalizers = [] } = stored.metadata;
  if (!finalizers.includes(instanceFinalizer)) return undefined;
  const waitMs = await removeFromHost(deps, instanceHostName(namespace, name), signal);
  if (waitMs !== undefined) return { recheckMs: waitMs };
  const draft = structuredClone(stored);
  draft.metadata.finalizers = finalizers.filter((finalizer) => finalizer !== instanceFinalizer);
  await commitDraft(deps, resource, stored, draft, signal);
  deps.restarts.forget(stored.metadata.uid ?? '');
  return undefined;
}

/**
 * Not in our cache: it was deleted while we were away, it went to another member, or the cache lags. Only the
 * API itself may say so; while it does not answer, everything stays as it is.
 */
async function removeUnknown(
  deps: RemoveDeps,
  name: ObjectName,
  signal: AbortSignal,
): Promise<WorkResult | undefined> {
  const { clusterApi, disks, driver, logger, memberName } = deps;
  const hostName = instanceHostName(name.namespace ?? 'default', name.name);
  const observed = await driver.observe(hostName, signal);
  if (observed === undefined && !(await disks.listOwners(signal)).includes(hostName)) return undefined;
  const current = await clusterApi.get(resource, name, signal);
  if (current?.status?.member === memberName) return { recheckMs: cacheRecheckMs };
  const isOther = observed !== undefined && observed.uid !== current?.metadata.uid;
  if (current === undefined || isOther) {
    logger.info({ instance: formatKey(name) }, 'removing what an instance that is gone left here');
    const waitMs = await removeFromHost(deps, hostName, signal);
    return waitMs === undefined ? undefined : { recheckMs: waitMs };
  }
  // Placed elsewhere: it must not run here, but its data may be the only one there is.
  return stopHere(deps, hostName, signal);
}

async function stopHere(
  { clock, driver, logger }: RemoveDeps,
  hostName: string,
  signal: AbortSignal,
): Promise<WorkResult | undefined> {
  const observed = await driver.observe(hostName, signal);
  if (observed?.state !== 'Running') return undefined;
  const plan = planRemoval(observed, stopGraceMs, clock.now());
  logger.warn({ instance: hostName }, 'stopping an instance that is placed on another member');
  for (const step of plan.steps) await driver.apply(step, signal);
  return plan.wait === undefined ? undefined : { recheckMs: plan.wait.ms };
}

/** Undefined when nothing is left; else when to look again. */
async function removeFromHost(
  { clock, disks, driver }: Pick<RemoveDeps, 'clock' | 'disks' | 'driver'>,
  hostName: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (;;) {
    const observed = await driver.observe(hostName, signal);
    const { steps, wait } = planRemoval(observed, deletionGraceMs, clock.now());
    for (const step of steps) await driver.apply(step, signal);
    if (wait !== undefined && steps.length === 0) return wait.ms;
    if (steps.length === 0) break;
  }
  await disks.removeAll(hostName, signal);
  return undefined;
}
