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
  const { spec } = wish;
  if (observed !== undefined && observed.uid !== spec.uid) return planRemoval(observed, 0, nowMs);
  const define: readonly InstanceStep[] = isDefined(spec, observed) ? [] : [{ action: 'define', spec }];
  const { steps, ...rest } = planRunState(wish, observed, nowMs);
  return { steps: [...define, ...steps], ...rest };
}

function planRunState(
  { spec, isRunning, stopGraceMs, startNotBeforeMs }: InstanceWish,
  observed: InstanceObservation | undefined,
  nowMs: number,
): InstancePlan {
  if (observed?.state === 'Changing') return changing([]);
  if (observed?.state === 'Running') {
    // Asked to stop and wanted again: what has begun is carried to its end, then it starts.
    const staysUp = isRunning && observed.stopRequestedAtMs === undefined;
    return staysUp ? { steps: [] } : planStop(observed, stopGraceMs, nowMs);
  }
  if (!isRunning) return { steps: [] };
  const waitMs = startNotBeforeMs - nowMs;
  if (waitMs > 0) return { steps: [], wait: { reason: 'BackingOff', ms: waitMs } };
  return { steps: [{ action: 'start', name: spec.name }] };
}

/** Stops and deletes, by as many looks as it takes. An empty plan without a wait: nothing is left. */
export function planRemoval(
  observed: InstanceObservation | undefined,
  stopGraceMs: number,
  nowMs: number,
): InstancePlan {
  if (observed === undefined) return { steps: [] };
  if (observed.state === 'Changing') return changing([]);
  if (observed.state === 'Running') return planStop(observed, stopGraceMs, nowMs);
  return { steps: [{ action: 'delete', name: observed.name }] };
}

function planStop(observed: InstanceObservation, graceMs: number, nowMs: number): InstancePlan {
  const { name, stopRequestedAtMs } = observed;
  const wait = { reason: 'Stopping', ms: stoppingRecheckMs } as const;
  const leftMs = stopRequestedAtMs === undefined ? graceMs : stopRequestedAtMs + graceMs - nowMs;
  if (leftMs <= 0) return changing([{ action: 'kill', name }]);
  if (stopRequestedAtMs === undefined) return { steps: [{ action: 'requestStop', name }], wait };
  return { steps: [], wait: { ...wait, ms: Math.min(leftMs, stoppingRecheckMs) } };
}

function changing(steps: readonly InstanceStep[]): InstancePlan {
  return { steps, wait: { reason: 'Changing', ms: changingRecheckMs } };
}

function isDefined(spec: InstanceSpec, observed: InstanceObservation | undefined): boolean {
  return observed !== undefined && isDeepStrictEqual(observed.spec, spec);
}
