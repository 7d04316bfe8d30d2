import type { TLSSocket } from 'node:tls';

/** The open Raft streams of one direction: one for each member, known by its key. */
export class OpenStreams {
  readonly #byKey = new Map<string, TLSSocket>();

  /** A member opens a stream only after it gave up the one before, of which we may not have heard. */
  add(key: string, stream: TLSSocket): void {
    this.#byKey.get(key)?.destroy();
    this.#byKey.set(key, stream);
    stream.once('close', () => {
      if (this.#byKey.get(key) === stream) this.#byKey.delete(key);
    });
  }

  /** Ends the streams of all others, such as members that were removed. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const [key, stream] of [...this.#byKey]) {
      if (!keys.has(key)) stream.destroy();
    }
  }
}
