import type { Condition, KubernetesObject } from '../api/meta.ts';
import { describeError } from '../base/describe-error.ts';
import type { Outcome, Step } from '../reconcilers/step.ts';

interface HasConditions extends KubernetesObject {
  status: { conditions?: Condition[] | undefined };
}

export interface StepsResult {
  /** Look again after this time. */
  readonly recheckMs?: number;
  /** Conditions that say something else than before, for events. */
  readonly changed: readonly ConditionChange[];
  /** What a step threw. The draft is still worth committing. */
  readonly error?: unknown;
}

export interface ConditionChange {
  readonly condition: Condition;
  readonly isTrouble: boolean;
}

interface Ending {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
  readonly isTrouble: boolean;
}

/**
 * Runs the steps in order, writes one condition per step from its outcome, and stops at the first that is not
 * settled. Conditions of steps that were not reached stay as they are.
 */
export async function runSteps<T extends HasConditions, Deps>(
  steps: readonly Step<T, Deps>[],
  draft: T,
  deps: Deps,
  nowMs: number,
  signal: AbortSignal,
): Promise<StepsResult> {
  const changed: ConditionChange[] = [];
  const note = (type: string | undefined, ending: Ending): void => {
    if (type === undefined) return;
    const condition = setCondition(draft, type, ending, nowMs);
    if (condition !== undefined) changed.push({ condition, isTrouble: ending.isTrouble });
  };
  for (const step of steps) {
    signal.throwIfAborted();
    try {
      const outcome = await step.run(draft, deps, signal);
      note(step.condition, endingOf(outcome, step.condition));
      if (outcome.kind === 'waiting') return { changed, recheckMs: outcome.recheckMs };
      if (outcome.kind === 'blocked') return { changed };
    } catch (error) {
      signal.throwIfAborted();
      note(step.condition, {
        status: 'Unknown',
        reason: 'Failed',
        message: describeError(error),
        isTrouble: true,
      });
      return { changed, error };
    }
  }
  return { changed };
}

function endingOf(outcome: Outcome, condition = ''): Ending {
  if (outcome.kind !== 'settled') {
    const { reason, message, kind } = outcome;
    return { status: 'False', reason, message, isTrouble: kind === 'blocked' };
  }
  const { status = 'True', reason = condition, message = '' } = outcome;
  return { status, reason, message, isTrouble: false };
}

/** Answers the condition when it changed its status or reason. */
function setCondition(
  draft: HasConditions,
  type: string,
  { status, reason, message }: Ending,
  nowMs: number,
): Condition | undefined {
  const conditions = (draft.status.conditions ??= []);
  const existing = conditions.find((condition) => condition.type === type);
  const { generation } = draft.metadata;
  const isTransition = existing?.status !== status;
  const lastTransitionTime =
    existing === undefined || isTransition ? toRfc3339(nowMs) : existing.lastTransitionTime;
  const condition: Condition = {
    type,
    status,
    reason,
    message,
    lastTransitionTime,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const isNews = isTransition || existing.reason !== reason;
  if (existing === undefined) conditions.push(condition);
  else conditions[conditions.indexOf(existing)] = condition;
  return isNews ? condition : undefined;
}

/** Whole seconds, UTC, as the API has it. */
export function toRfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
