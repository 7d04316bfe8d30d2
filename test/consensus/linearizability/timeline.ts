import type { Operation } from './operation.ts';

/** A call or a return, linked in the order of time so that a pair can be taken out and put back at no cost. */
export interface TimelineEntry<Input, Output> {
  readonly kind: 'call' | 'return';
  readonly operation: Operation<Input, Output>;
  readonly index: number;
  /** Of a call: its return, if there is one. */
  returned: TimelineEntry<Input, Output> | undefined;
  previous: TimelineEntry<Input, Output> | undefined;
  next: TimelineEntry<Input, Output> | undefined;
}

export interface Timeline<Input, Output> {
  /** Stands before the first entry and is none itself. */
  readonly head: TimelineEntry<Input, Output>;
  readonly completedCount: number;
}

/** Operations whose outcome is not known have no return here: nothing ever has to wait for them. */
export function buildTimeline<Input, Output>(
  operations: readonly Operation<Input, Output>[],
): Timeline<Input, Output> {
  const timed: { readonly at: number; readonly entry: TimelineEntry<Input, Output> }[] = [];
  let completedCount = 0;
  for (const [index, operation] of operations.entries()) {
    const call = createEntry('call', operation, index);
    timed.push({ at: operation.calledAt, entry: call });
    if (operation.output === undefined) continue;
    completedCount += 1;
    call.returned = createEntry('return', operation, index);
    timed.push({ at: operation.returnedAt, entry: call.returned });
  }
  // At one and the same time calls come first: operations that touch are concurrent.
  timed.sort((a, b) => a.at - b.at || rank(a.entry) - rank(b.entry));
  const head = createEntry<Input, Output>('call', {} as Operation<Input, Output>, -1); // only its `next` is ever read
  let last = head;
  for (const { entry } of timed) {
    entry.previous = last;
    last.next = entry;
    last = entry;
  }
  return { head, completedCount };
}

/** Takes a call and its return out of the line. */
export function lift<Input, Output>(call: TimelineEntry<Input, Output>): void {
  unlink(call);
  if (call.returned !== undefined) unlink(call.returned);
}

/** Undoes the latest `lift`. */
export function putBack<Input, Output>(call: TimelineEntry<Input, Output>): void {
  if (call.returned !== undefined) relink(call.returned);
  relink(call);
}

function createEntry<Input, Output>(
  kind: 'call' | 'return',
  operation: Operation<Input, Output>,
  index: number,
): TimelineEntry<Input, Output> {
  return { kind, operation, index, returned: undefined, previous: undefined, next: undefined };
}

function rank({ kind }: { readonly kind: 'call' | 'return' }): number {
  return kind === 'call' ? 0 : 1;
}

function unlink<Input, Output>({ previous, next }: TimelineEntry<Input, Output>): void {
  if (previous !== undefined) previous.next = next;
  if (next !== undefined) next.previous = previous;
}

function relink<Input, Output>(entry: TimelineEntry<Input, Output>): void {
  if (entry.previous !== undefined) entry.previous.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}
