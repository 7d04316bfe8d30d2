/**
 * Lets many callers share one expensive round. A caller must not join a round that began before its
 * call, because the answer would be too old; all callers that come while one runs share the next.
 */
export class SharedRound {
  readonly #run: () => Promise<void>;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  join(): Promise<void> {
    if (this.#current === undefined) return this.#start();
    const startNext = (): Promise<void> => this.#start();
    this.#next ??= this.#current.then(startNext, startNext);
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const round = this.#run().finally(() => {
      if (this.#current === round) this.#current = undefined;
    });
    this.#current = round;
    return round;
  }
}
