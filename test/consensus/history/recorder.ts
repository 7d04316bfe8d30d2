import type { ObjectInput, ObjectOutput } from '../linearizability/models/object.ts';
import type { Operation } from '../linearizability/operation.ts';
import type { Outcome } from '../client/object-requests.ts';
import type { ObservedObject } from '../watch/stream.ts';

/** One operation on one object, with what people want to know when it is part of a violation. */
export interface RecordedOperation extends Operation<ObjectInput, ObjectOutput> {
  readonly member: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: Outcome;
  /** The term of the leader that the write was for. */
  readonly term?: number;
}

/** One list of many objects. */
export interface RecordedList {
  readonly member: string;
  readonly calledAt: number;
  readonly returnedAt: number;
  readonly startMs: number;
  /** Asked for the newest state, or for whatever the member had. */
  readonly isCurrent: boolean;
  /** Of the objects that were asked for. */
  readonly labels: Readonly<Record<string, string>>;
  readonly revision: number;
  readonly objects: readonly ObservedObject[];
}

/**
 * Writes down what the clients did. All of them run in this one process, so that a counter says for any two ends of
 * operations which came first: no clock, and no two events at the same time.
 */
export class Recorder {
  readonly operations: RecordedOperation[] = [];
  readonly lists: RecordedList[] = [];
  /** Problems by text without numbers, to see at a glance what a fault looked like to clients. */
  readonly problems = new Map<string, number>();
  readonly #open = new Map<number, { readonly startMs: number }>();
  #now = 0;

  tick(): number {
    this.#now += 1;
    return this.#now;
  }

  /** Operations that have begun and not ended. */
  get openCount(): number {
    return this.#open.size;
  }

  async run(
    { member, key, input, term }: Pick<RecordedOperation, 'input' | 'key' | 'member' | 'term'>,
    act: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const calledAt = this.tick();
    const startMs = performance.now();
    this.#open.set(calledAt, { startMs });
    const outcome = await act();
    this.#open.delete(calledAt);
    const returnedAt = outcome.kind === 'known' ? this.tick() : Infinity;
    const output = outcome.kind === 'known' ? outcome.output : undefined;
    const endMs = performance.now();
    const fence = term === undefined ? {} : { term };
    this.operations.push({
      member,
      key,
      input,
      output,
      calledAt,
      returnedAt,
      startMs,
      endMs,
      outcome,
      ...fence,
    });
    if (outcome.kind !== 'known') this.note(`${outcome.kind}: ${outcome.problem}`);
    return outcome;
  }

  note(problem: string): void {
    const text = problem.replaceAll(/[0-9a-f]*\d[\w-]*/g, 'N').slice(0, 160);
    this.problems.set(text, (this.problems.get(text) ?? 0) + 1);
  }
}
