import type { Condition } from './meta.ts';
import { formatTimestamp } from './timestamp.ts';

/** What the owner of a condition has to say; the rest follows. */
export interface ConditionUpdate {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
}

/** The condition before and after an update; `before` is absent when it is new. */
export interface ConditionChange {
  readonly before: Condition | undefined;
  readonly after: Condition;
}

interface HasConditions {
  conditions?: Condition[] | undefined;
}

/**
 * Writes one condition into a draft's status and leaves the others as they are. `lastTransitionTime` moves only
 * with `status`, so that a new message does not look like a new event. Answers what changed, or nothing when the
 * condition said all that before.
 */
export function setCondition(
  status: HasConditions,
  update: ConditionUpdate,
  nowMs: number,
): ConditionChange | undefined {
  const conditions = (status.conditions ??= []);
  const index = conditions.findIndex(({ type }) => type === update.type);
  const before = conditions[index];
  const after = buildCondition(before, update, nowMs);
  if (before !== undefined && saysTheSame(before, after)) return undefined;
  if (before === undefined) conditions.push(after);
  else conditions[index] = after;
  return { before, after };
}

export function findCondition(status: HasConditions | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** A missing condition is as good as Unknown. */
export function isTrue(status: HasConditions | undefined, type: string): boolean {
  return findCondition(status, type)?.status === 'True';
}

function buildCondition(before: Condition | undefined, update: ConditionUpdate, nowMs: number): Condition {
  const { observedGeneration, ...said } = update;
  const lastTransitionTime =
    before?.status === update.status ? before.lastTransitionTime : formatTimestamp(nowMs);
  return { ...said, lastTransitionTime, ...(observedGeneration === undefined ? {} : { observedGeneration }) };
}

function saysTheSame(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  );
}
