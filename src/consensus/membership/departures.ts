import type { Clock } from '../../base/clock.ts';

/**
 * Members that have said that they are stopping, until they are back. Soft state of the leader, as what it heard is:
 * whoever stops tells the next one again.
 */
export class Departures {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #names = new Set<string>();
  readonly #waiting = new Map<string, (isDone: boolean) => void>();
  readonly #listeners = new Set<() => void>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Answers whether nothing is left to be done for the member before it stops; false when that takes longer. */
  async announce(name: string, waitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#settle(name, false);
    this.#names.add(name);
    this.#waiting.set(name, resolve);
    const cancel = this.#clock.after(waitMs, () => resolve(false));
    for (const told of [...this.#listeners]) told();
    const isDone = await promise;
    cancel();
    return isDone;
  }

  /** Lets those go that wait for it; they are still on their way. */
  release(names: ReadonlySet<string>): void {
    for (const name of names) this.#settle(name, true);
  }

  returned(name: string): void {
    this.#settle(name, false);
    this.#names.delete(name);
  }

  clear(): void {
    for (const name of [...this.#names]) this.returned(name);
  }

  /** Calls back when one more is about to stop. The answer unsubscribes. */
  subscribe(told: () => void): () => void {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  #settle(name: string, isDone: boolean): void {
    this.#waiting.get(name)?.(isDone);
    this.#waiting.delete(name);
  }
}
