import { ConfigurationSet } from './configuration-set.ts';
import { buildTimeline, lift, putBack, type TimelineEntry } from './timeline.ts';
import type { Model, Operation } from './operation.ts';

export type Verdict<Input, Output> =
  | { readonly kind: 'linearizable' }
  /** `accepted` is the longest order that was found; none of `stuck` can come next. */
  | {
      readonly kind: 'violation';
      readonly accepted: readonly Operation<Input, Output>[];
      readonly stuck: readonly Operation<Input, Output>[];
    }
  | { readonly kind: 'undecided'; readonly stepCount: number };

// A history of one key has a few hundred operations; a search this long has exploded.
const defaultStepLimit = 5_000_000;

interface Taken<State, Input, Output> {
  readonly entry: TimelineEntry<Input, Output>;
  readonly before: State;
}

/**
 * Looks for an order of all operations that respects real time and that the model can answer. The search
 * of Wing and Gong: take any operation that was called before the first one returned, go on with the rest, go back
 * when stuck; with Lowe's memory of the configurations (which operations are done, and the state) that were tried.
 */
export function checkHistory<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  stepLimit = defaultStepLimit,
): Verdict<Input, Output> {
  const { head, completedCount } = buildTimeline(operations);
  const tried = new ConfigurationSet(operations.length);
  const taken: Taken<State, Input, Output>[] = [];
  let longest: Longest<Input, Output> = { count: -1, accepted: [], stuck: [] };
  let state = model.initial;
  let openCount = completedCount;
  let entry = head.next;
  for (let stepCount = 0; openCount > 0; stepCount += 1) {
    if (stepCount > stepLimit) return { kind: 'undecided', stepCount };
    if (entry?.kind === 'call') {
      const { input, output } = entry.operation;
      const next = model.step(state, input, output);
      if (next !== undefined && tried.addWith(entry.index, model.describe(next))) {
        taken.push({ entry, before: state });
        state = next;
        openCount -= countReturn(entry);
        lift(entry);
        entry = head.next;
      } else {
        entry = entry.next;
      }
      continue;
    }
    if (taken.length > longest.count) longest = describeStuck(taken, head);
    const last = taken.pop();
    if (last === undefined) return { kind: 'violation', accepted: longest.accepted, stuck: longest.stuck };
    state = last.before;
    tried.remove(last.entry.index);
    openCount += countReturn(last.entry);
    putBack(last.entry);
    entry = last.entry.next;
  }
  return { kind: 'linearizable' };
}

/** A history is linearizable exactly when that of each key is (Herlihy and Wing), which is far cheaper to check. */
export function checkEachKey<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): ReadonlyMap<string, Verdict<Input, Output>> {
  const byKey = Map.groupBy(operations, ({ key }) => key);
  return new Map([...byKey].map(([key, some]) => [key, checkHistory(model, some)]));
}

function countReturn({ returned }: { readonly returned: unknown }): number {
  return returned === undefined ? 0 : 1;
}

interface Longest<Input, Output> {
  readonly count: number;
  readonly accepted: readonly Operation<Input, Output>[];
  readonly stuck: readonly Operation<Input, Output>[];
}

function describeStuck<State, Input, Output>(
  taken: readonly Taken<State, Input, Output>[],
  head: TimelineEntry<Input, Output>,
): Longest<Input, Output> {
  const stuck: Operation<Input, Output>[] = [];
  for (let entry = head.next; entry?.kind === 'call'; entry = entry.next) stuck.push(entry.operation);
  return { count: taken.length, accepted: taken.map(({ entry }) => entry.operation), stuck };
}
