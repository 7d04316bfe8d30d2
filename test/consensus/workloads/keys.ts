import type { Random } from '../random.ts';

/**
 * The objects that the clients fight over. After a number of operations a new generation takes their place, so that the
 * history of one object stays short enough to be searched, and a list of the present ones stays small.
 */
export class Keys {
  readonly #perGeneration: number;
  readonly #objectCount: number;
  #used = 0;
  #nextId = 0;
  #nextElement = 0;

  constructor(objectCount: number, operationsPerObject: number) {
    this.#objectCount = objectCount;
    this.#perGeneration = objectCount * operationsPerObject;
  }

  get generation(): string {
    return `g${Math.floor(this.#used / this.#perGeneration)}`;
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
    return `${client}-${this.#nextId}`;
  }
}
