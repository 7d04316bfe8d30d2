import type { TermLog } from '../../src/consensus/store/leading/sequencer.ts';
import type { CommittedRevision } from '../../src/consensus/store/state/store-state.ts';

/** A log of one term that answers when the test says so. */
export class ScriptedTermLog implements TermLog {
  readonly term: number;
  /** What was asked of it: the revisions of a batch, or `proof`. */
  readonly calls: string[] = [];
  #open: PromiseWithResolvers<undefined> | undefined;

  constructor(term: number) {
    this.term = term;
  }

  append(batch: readonly CommittedRevision[]): Promise<void> {
    this.calls.push(batch.map(({ revision, transactionId }) => `${revision}:${transactionId}`).join(' '));
    return this.#wait();
  }

  prove(): Promise<void> {
    this.calls.push('proof');
    return this.#wait();
  }

  async finish(): Promise<void> {
    this.#open?.resolve(undefined);
    await settle();
  }

  async fail(error: Error): Promise<void> {
    this.#open?.reject(error);
    await settle();
  }

  async #wait(): Promise<void> {
    this.#open = Promise.withResolvers<undefined>();
    await this.#open.promise;
  }
}

/** Lets everything that is ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
