import type { Message } from './message.ts';

interface Pending {
  readonly send: () => void;
  /** Gets each message of the answer; true says that it was the last. */
  readonly take: (message: Message) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One request at a time, in order: dqlite answers nothing else on one connection. */
export class RequestQueue {
  readonly #waiting: Pending[] = [];
  #current: Pending | undefined;
  #failure: Error | undefined;

  run(send: () => void, take: (message: Message) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ send, take, resolve, reject });
      this.#next();
    });
  }

  deliver(message: Message): void {
    const current = this.#current;
    // Nobody asked: the request was given up, and the connection is being closed.
    if (current === undefined) return;
    try {
      if (!current.take(message)) return;
      current.resolve();
    } catch (error) {
      // A refusal ends this request; the connection stays usable.
      current.reject(error);
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

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    this.#current?.send();
  }
}
