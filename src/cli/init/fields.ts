import { UsageError } from '../usage-error.ts';

/**
 * Reads a map of a preseed field by field. Every field has to be asked for: `finish` complains about those that
 * were not, because a field that is ignored without a word is a setting that somebody believes in.
 */
export class Fields {
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();

  constructor(value: unknown, path: string) {
    if (value !== null && value !== undefined && (typeof value !== 'object' || Array.isArray(value))) {
      throw new UsageError(`preseed: ${path || 'the file'} has to be a map of fields`);
    }
    this.#path = path;
    this.#values = (value ?? {}) as Readonly<Record<string, unknown>>; // checked above
  }

  has(name: string): boolean {
    return this.#take(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : this.#toText(value, name);
  }

  requireText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw this.#problem(name, 'is missing');
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#problem(name, 'has to be true or false');
  }

  /** Values of a `config` map may be written as numbers and booleans; they are text all the same. */
  textMap(name: string): Readonly<Record<string, string>> {
    const map = this.map(name);
    return Object.fromEntries(map.names().map((key) => [key, map.text(key) ?? '']));
  }

  map(name: string): Fields {
    return new Fields(this.#take(name), this.#pathOf(name));
  }

  list(name: string): readonly Fields[] {
    const value = this.#take(name) ?? [];
    if (!Array.isArray(value)) throw this.#problem(name, 'has to be a list');
    return value.map((item, index) => new Fields(item, `${this.#pathOf(name)}[${index}]`));
  }

  names(): readonly string[] {
    return Object.keys(this.#values);
  }

  /** Fields that LXD has and this release cannot honour. */
  refuse(name: string, why: string): void {
    const value = this.#take(name);
    const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) throw this.#problem(name, why);
  }

  finish(): void {
    const unknown = this.names().filter((name) => !this.#asked.has(name));
    if (unknown.length === 0) return;
    const known = [...this.#asked].toSorted().join(', ');
    throw new UsageError(`preseed: unknown field ${this.#pathOf(unknown[0] ?? '')}; there are ${known}`);
  }

  #take(name: string): unknown {
    this.#asked.add(name);
    return this.#values[name] ?? undefined;
  }

  #toText(value: unknown, name: string): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.#problem(name, 'has to be text');
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #problem(name: string, text: string): UsageError {
    return new UsageError(`preseed: ${this.#pathOf(name)} ${text}`);
  }
}
