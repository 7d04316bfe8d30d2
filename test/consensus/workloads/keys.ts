import type { Random } from '../random.ts';

/**
 * The objects that the clients fight over. After a number of operations a new generation takes their place, so that the
 * history of one object stays short enough to be searched, and a list of the present ones stays small.
 */
export class Keys {
  readonly #prefix: string;
  readonly #perGeneration: number;
  readonly #objectCount: number;
  #used = 0;
  #nextId = 0;
  #nextElement = 0;

  /** The prefix tells the objects of this run from those of another one in the same cluster. */
  constructor(prefix: string, objectCount: number, operationsPerObject: number) {
    this.#prefix = prefix;
    this.#objectCount = objectCount;
    this.#perGeneration = objectCount * operationsPerObject;
  }

  get generation(): string {
    return `${this.#prefix}g${Math.floor(this.#used / this.#perGeneration)}`;
  }

  /** One of the present objects, to be operated on once. */
  draw(random: Random): string {
    const key = `${this.generation}-object-${random.between(1, this.#objectCount)}`;
    this.#used += 1;
    return key;
  }

  /** A name that nothing had before. */
  drawElement(): string {
    this.#nextElement += 1;
    return `${this.generation}-element-${this.#nextElement}`;
  }

  /** Names one content for good. */
  nextId(client: string): string {
    this.#nextId += 1;
    return `${this.#prefix}${client}-${this.#nextId}`;
  }
}
