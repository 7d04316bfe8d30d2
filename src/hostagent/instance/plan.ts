import { isDeepStrictEqual } from 'node:util';
import type { InstanceObservation, InstanceSpec, InstanceStep } from './driver.ts';

export interface InstanceWish {
  readonly spec: InstanceSpec;
  readonly isRunning: boolean;
  /** How long it may take to shut down before it is killed. */
  readonly stopGraceMs: number;
  /** Not before this time may it be started again; see `restart-policy.ts`. */
  readonly startNotBeforeMs: number;
}

export interface InstancePlan {
  readonly steps: readonly InstanceStep[];
  /** What is being waited for after the steps; look again then. */
  readonly wait?: { readonly reason: InstanceWait; readonly ms: number };
}

export type InstanceWait = 'BackingOff' | 'Changing' | 'Stopping';

// A supervisor that cleans up, or a reboot, takes a few hundred milliseconds.
const changingRecheckMs = 200;
const stoppingRecheckMs = 500;

/** Another instance of the same name that the API does not know any more has to go first. */
export function planInstance(
  wish: InstanceWish,
  observed: InstanceObservation | undefined,
  nowMs: number,
): InstancePlan {
  const { spec, isRunning } = wish;
  if (observed !== undefined && observed.uid !== spec.uid) return planRemoval(observed, 0, nowMs);

  const define = isDefined(spec, observed) ? [] : [{ action: 'define', spec } as const];
  if (observed?.state === 'Changing')
    return { steps: define, wait: { reason: 'Changing', ms: changingRecheckMs } };
  const isUp = observed?.state === 'Running';
  if (isRunning && isUp && observed.stopRequestedAtMs === undefined) return { steps: define };
  // Asked to stop and wanted again: what has begun is carried to its end, then it starts.
  if (isUp) {
    const stop = planStop(observed, wish.stopGraceMs, nowMs);
    return { ...stop, steps: [...define, ...stop.steps] };
  }
  if (!isRunning) return { steps: define };
  const waitMs = wish.startNotBeforeMs - nowMs;
  if (waitMs > 0) return { steps: define, wait: { reason: 'BackingOff', ms: waitMs } };
  return { steps: [...define, { action: 'start', name: spec.name }] };
}

/** Stops and deletes, by as many looks as it takes. An empty plan without a wait: nothing is left. */
export function planRemoval(
  observed: InstanceObservation | undefined,
  stopGraceMs: number,
  nowMs: number,
): InstancePlan {
  if (observed === undefined) return { steps: [] };
  if (observed.state === 'Changing')
    return { steps: [], wait: { reason: 'Changing', ms: changingRecheckMs } };
  if (observed.state === 'Running') return planStop(observed, stopGraceMs, nowMs);
  return { steps: [{ action: 'delete', name: observed.name }] };
}

function planStop(observed: InstanceObservation, graceMs: number, nowMs: number): InstancePlan {
  const { name, stopRequestedAtMs } = observed;
  const wait = { reason: 'Stopping', ms: stoppingRecheckMs } as const;
  const leftMs = stopRequestedAtMs === undefined ? graceMs : stopRequestedAtMs + graceMs - nowMs;
  if (leftMs <= 0)
    return { steps: [{ action: 'kill', name }], wait: { reason: 'Changing', ms: changingRecheckMs } };
  if (stopRequestedAtMs === undefined) return { steps: [{ action: 'requestStop', name }], wait };
  return { steps: [], wait: { ...wait, ms: Math.min(leftMs, stoppingRecheckMs) } };
}

function isDefined(spec: InstanceSpec, observed: InstanceObservation | undefined): boolean {
  return observed !== undefined && isDeepStrictEqual(observed.spec, spec);
}
