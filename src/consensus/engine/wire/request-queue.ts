import { DatabaseError } from '../database.ts';
import type { Message } from './message.ts';

export interface QueuedRequest {
  readonly send: () => void;
  /** Gets each message of the answer; true says that it was the last. */
  readonly take: (message: Message) => boolean;
  readonly signal: AbortSignal;
}

interface Pending extends QueuedRequest {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One request at a time, in order: dqlite answers nothing else on one connection. */
export class RequestQueue {
  readonly #broken: (reason: Error) => void;
  readonly #waiting: Pending[] = [];
  #current: Pending | undefined;
  #failure: Error | undefined;

  /** `broken` is called when a request in flight was given up, or its answer made no sense. */
  constructor(broken: (reason: Error) => void) {
    this.#broken = broken;
  }

  async run(request: QueuedRequest): Promise<void> {
    const { signal } = request;
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const pending: Pending = { ...request, resolve: () => resolve(undefined), reject };
    const abort = () => this.#giveUp(pending);
    signal.addEventListener('abort', abort, { once: true });
    try {
      this.#waiting.push(pending);
      this.#next();
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  deliver(message: Message): void {
    const current = this.#current;
    if (current === undefined) {
      this.#broken(new Error(`dqlite sent a message of type ${message.type} that nobody asked for`));
      return;
    }
    try {
      if (!current.take(message)) return;
      current.resolve();
    } catch (error) {
      current.reject(error);
      // A refusal ends this request only. Anything else was not understood, and so is what follows it.
      if (!(error instanceof DatabaseError)) {
        this.#broken(asError(error));
        return;
      }
    }
    this.#current = undefined;
    this.#next();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#current?.reject(error);
    this.#current = undefined;
    for (const pending of this.#waiting.splice(0)) pending.reject(error);
  }

  #giveUp(pending: Pending): void {
    const reason = asError(pending.signal.reason);
    const index = this.#waiting.indexOf(pending);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      pending.reject(reason);
    } else if (this.#current === pending) {
      this.#broken(reason);
    }
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    this.#current?.send();
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
