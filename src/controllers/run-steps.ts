import { setCondition } from '../api/conditions.ts';
import type { Condition, KubernetesObject } from '../api/meta.ts';
import { describeError } from '../base/describe-error.ts';
import type { Outcome, Saying, Step } from '../reconcilers/step.ts';

interface HasConditions extends KubernetesObject {
  status: { conditions?: Condition[] | undefined };
}

export interface StepsResult {
  /** Look again after this time. */
  readonly recheckMs?: number;
  /** Conditions whose status or reason is another than before. */
  readonly changed: readonly ConditionNews[];
  /** What the first step that is not settled said; those after it did not run. */
  readonly unsettled?: Saying;
  /** What a step threw. The draft is still worth committing. */
  readonly error?: unknown;
}

export interface ConditionNews {
  readonly condition: Condition;
  readonly isTrouble: boolean;
  readonly isBookkeeping: boolean;
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
  const changed: ConditionNews[] = [];
  const note = (
    { condition: type, isBookkeeping = false }: Step<T, Deps>,
    saying: Saying,
    isTrouble: boolean,
  ) => {
    if (type === undefined) return;
    const news = say(draft, type, saying, nowMs);
    if (news !== undefined) changed.push({ condition: news, isTrouble, isBookkeeping });
  };
  for (const step of steps) {
    signal.throwIfAborted();
    try {
      const outcome = await step.run(draft, deps, signal);
      const saying = sayingOf(outcome, step.condition);
      note(step, saying, outcome.kind === 'blocked');
      if (outcome.kind === 'waiting') return { changed, unsettled: saying, recheckMs: outcome.recheckMs };
      if (outcome.kind === 'blocked') return { changed, unsettled: saying };
    } catch (error) {
      signal.throwIfAborted();
      const saying: Saying = { status: 'Unknown', reason: 'Failed', message: describeError(error) };
      note(step, saying, true);
      return { changed, unsettled: saying, error };
    }
  }
  return { changed };
}

/** Writes a condition; answers it when its status or reason is news. */
export function say(
  draft: HasConditions,
  type: string,
  saying: Saying,
  nowMs: number,
): Condition | undefined {
  const { status, metadata } = draft;
  const change = setCondition(status, { type, ...saying, observedGeneration: metadata.generation }, nowMs);
  if (change === undefined) return undefined;
  const { before, after } = change;
  return before?.status === after.status && before.reason === after.reason ? undefined : after;
}

function sayingOf(outcome: Outcome, condition = ''): Saying {
  if (outcome.kind !== 'settled') {
    return { status: 'False', reason: outcome.reason, message: outcome.message };
  }
  const { status = 'True', reason = condition, message = '' } = outcome;
  return { status, reason, message };
}
