interface Configuration {
  readonly done: Uint32Array;
  readonly state: string;
}

/**
 * Remembers which configurations of the search were reached: the operations done so far, and the state. It also holds
 * the operations of the present one, so that adding one costs a copy of its bits and nothing else.
 */
export class ConfigurationSet {
  readonly #done: Uint32Array;
  readonly #known = new Map<number, Configuration[]>();
  #hash = 0;

  constructor(operationCount: number) {
    this.#done = new Uint32Array(Math.ceil(operationCount / 32));
  }

  /** Adds an operation to the present ones; false, and no change, when that configuration was tried before. */
  addWith(index: number, state: string): boolean {
    this.#flip(index);
    const hash = (this.#hash ^ hashText(state)) >>> 0;
    const alike = this.#known.get(hash) ?? [];
    if (alike.some((one) => one.state === state && isEqual(one.done, this.#done))) {
      this.#flip(index);
      return false;
    }
    alike.push({ done: this.#done.slice(), state });
    this.#known.set(hash, alike);
    return true;
  }

  remove(index: number): void {
    this.#flip(index);
  }

  #flip(index: number): void {
    const word = index >>> 5;
    this.#done[word] = (this.#done[word] ?? 0) ^ (1 << (index & 31));
    this.#hash = (this.#hash ^ scatter(index + 1)) >>> 0;
  }
}

function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((word, index) => word === b[index]);
}

/** A number that looks random and is always the same for the same operation. */
function scatter(seed: number): number {
  let mixed = Math.imul(seed, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
