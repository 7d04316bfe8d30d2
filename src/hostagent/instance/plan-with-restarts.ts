import { wantsRunning } from '../../api/defaults.ts';
import type { Instance } from '../../api/generated/instance.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Clock } from '../../base/clock.ts';
import type { InstanceObservation, InstanceSpec } from './driver.ts';
import { planInstance, type InstancePlan, type InstanceWish } from './plan.ts';
import type { Resolution } from './resolve-instance.ts';
import type { Restart, RestartPolicy } from './restart-policy.ts';

interface PlanDeps {
  readonly clock: Clock;
  readonly restarts: RestartPolicy;
}

interface Looked {
  readonly stored: Instance;
  readonly hostName: string;
  readonly resolution: Resolution;
  readonly observed: InstanceObservation | undefined;
  readonly plan: InstancePlan;
}

// As LXD's boot.host_shutdown_timeout.
const stopGraceMs = 30_000;

/** The plan for what is known now. Without a resolution, what was written down last still can be stopped. */
export function planWithRestarts(
  { clock, restarts }: PlanDeps,
  { stored, hostName, resolution, observed }: Looked,
  rootfs: string | undefined,
): InstancePlan {
  const spec =
    resolution.kind === 'resolved' && rootfs !== undefined
      ? buildSpec(stored, hostName, resolution, rootfs)
      : observed?.spec;
  if (spec === undefined) return { steps: [] };
  const isUp = observed?.state === 'Running';
  const wish: InstanceWish = {
    spec,
    // Nothing is started whose parts are not there; what runs goes on.
    isRunning: wantsRunning(stored.spec) && (isUp || resolution.kind === 'resolved'),
    stopGraceMs,
    startNotBeforeMs: noteExit({ clock, restarts }, observed)?.notBeforeMs ?? 0,
  };
  return planInstance(wish, observed, clock.now());
}

/** For people, and without numbers that change with every look. */
export function describeWait({ clock, restarts }: PlanDeps, { observed, plan }: Looked): string {
  switch (plan.wait?.reason) {
    case 'BackingOff': {
      const restart = noteExit({ clock, restarts }, observed);
      const until = formatTimestamp(restart?.notBeforeMs ?? clock.now());
      return `ended by itself ${restart?.exits ?? 1} times soon after its start; it is started again at ${until}`;
    }
    case 'Stopping':
      return `was asked to shut down; killed after ${stopGraceMs / 1_000} s`;
    case 'Changing':
      return 'its supervisor is at work';
    case undefined:
      return '';
  }
}

/** Stopped, started once in this boot of the host, and nobody asked it to stop. */
export function hasEndedByItself(
  observed: InstanceObservation | undefined,
): observed is InstanceObservation & { readonly startedAtMs: number } {
  return (
    observed?.state === 'Stopped' &&
    observed.startedAtMs !== undefined &&
    observed.stopRequestedAtMs === undefined
  );
}

function noteExit(
  { clock, restarts }: PlanDeps,
  observed: InstanceObservation | undefined,
): Restart | undefined {
  if (!hasEndedByItself(observed)) return undefined;
  return restarts.noteExit(observed.uid, observed.startedAtMs, clock.now());
}

function buildSpec(
  { metadata: { name, uid = '' }, status }: Instance,
  hostName: string,
  { parts }: Extract<Resolution, { kind: 'resolved' }>,
  rootfs: string,
): InstanceSpec {
  return {
    name: hostName,
    uid,
    epoch: status?.epoch ?? 0,
    hostname: name,
    rootfs,
    environment: parts.environment,
    limits: parts.limits,
    nics: parts.nics.map(({ spec }) => spec),
  };
}
