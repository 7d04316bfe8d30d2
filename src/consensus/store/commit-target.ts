import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { CommitResult, Transaction } from './store.ts';

/** Where this member's writes go now: its own sequencer, or a connection to the leader's. */
export interface CommitTarget {
  readonly term: number;
  /** Name of the member that leads. */
  readonly leader: string;
  readonly isLocal: boolean;
  /**
   * Once this member's state has this revision, it holds everything that was ever committed through
   * a target before this one: what is missing then was never written.
   */
  readonly settledRevision: number;
  /** Rejects with `Unknown` when it was sent and the answer is lost; with `NotLeader` when not sent. */
  submit(transaction: Transaction, transactionId: string, signal: AbortSignal): Promise<CommitResult>;
  readPoint(signal: AbortSignal): Promise<number>;
}

/** Holds the present target and lets those who need one wait for it. */
export class TargetHolder {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #current: CommitTarget | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get current(): CommitTarget | undefined {
    return this.#current;
  }

  set(target: CommitTarget | undefined): void {
    this.#current = target;
    this.#announce();
  }

  /** Takes `target` away unless another has taken its place already. */
  clear(target: CommitTarget): void {
    if (this.#current === target) this.set(undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.set(undefined);
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** The present target if it suits, or the next that does, within `patienceMs`. */
  async wait(
    suits: (target: CommitTarget) => boolean,
    patienceMs: number,
    signal: AbortSignal,
  ): Promise<CommitTarget> {
    using deadline = createDeadline(this.#clock, patienceMs, 'waiting for a leader', signal);
    for (;;) {
      if (this.#isClosed) throw new ConsensusError('Closed', 'waiting for a leader while shutting down');
      if (this.#current !== undefined && suits(this.#current)) return this.#current;
      if (deadline.signal.aborted) throw noLeader(signal, deadline.signal.reason);
      await this.#nextChange(deadline.signal);
    }
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const unsubscribe = this.subscribe(wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    unsubscribe();
    signal.removeEventListener('abort', wake);
  }

  #announce(): void {
    for (const changed of [...this.#listeners]) changed();
  }
}

/** Elections take well under the patience: when it runs out, no majority can elect. */
function noLeader(signal: AbortSignal, cause: unknown): ConsensusError {
  if (signal.aborted) return new ConsensusError('Timeout', 'waiting for a leader', { cause });
  return new ConsensusError('NoQuorum', 'waiting for a leader: no majority of voters elects one', { cause });
}
