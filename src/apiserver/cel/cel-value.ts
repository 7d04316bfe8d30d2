import { type CelType, celTypes, formatType } from './cel-type.ts';

/** int is bigint, double is number, list is an array; the rest has classes. */
export type CelValue =
  | CelDuration
  | CelMap
  | CelOpaque
  | CelOptional
  | CelTimestamp
  | CelTypeValue
  | CelUint
  | Uint8Array
  | bigint
  | boolean
  | number
  | string
  | null
  | readonly CelValue[];

export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class CelTimestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class CelOptional {
  /** Undefined when absent. */
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export const absent = new CelOptional(undefined);

export class CelTypeValue {
  readonly type: CelType;

  constructor(type: CelType) {
    this.type = type;
  }

  /** Lists of anything are of the same run-time type. */
  get typeName(): string {
    const { type } = this;
    return type.kind === 'list' || type.kind === 'map' || type.kind === 'type' ? type.kind : formatType(type);
  }
}

/** What a library adds: a quantity, an address. */
export abstract class CelOpaque {
  abstract readonly typeName: string;
  abstract equals(other: CelOpaque): boolean;
}

/** A map, or an object with fields. Values may be made when they are asked for. */
export abstract class CelMap {
  abstract readonly size: number;
  abstract keys(): Iterable<CelValue>;
  abstract get(key: CelValue): CelValue | undefined;
}

/** A map that an expression has made. */
export class CelEntries extends CelMap {
  readonly #entries: ReadonlyMap<string, readonly [CelValue, CelValue]>;

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    this.#entries = new Map([...entries].map((entry) => [keyText(entry[0]), entry]));
  }

  get size(): number {
    return this.#entries.size;
  }

  *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }

  get(key: CelValue): CelValue | undefined {
    return this.#entries.get(keyText(key))?.[1];
  }
}

/** Numbers of different types are the same key when they are equal. */
export function keyText(key: CelValue): string {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${key}`;
  if (typeof key === 'bigint') return `n${key}`;
  if (key instanceof CelUint) return `n${key.value}`;
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`;
  return 'x';
}

export function typeOf(value: CelValue): CelType {
  if (value === null) return celTypes.null;
  switch (typeof value) {
    case 'string':
      return celTypes.string;
    case 'bigint':
      return celTypes.int;
    case 'number':
      return celTypes.double;
    case 'boolean':
      return celTypes.bool;
    default:
      return typeOfObject(value);
  }
}

function typeOfObject(value: Exclude<CelValue, bigint | boolean | number | string | null>): CelType {
  if (value instanceof CelUint) return celTypes.uint;
  if (value instanceof Uint8Array) return celTypes.bytes;
  if (value instanceof CelTimestamp) return celTypes.timestamp;
  if (value instanceof CelDuration) return celTypes.duration;
  if (value instanceof CelOptional) return { kind: 'optional', of: celTypes.dyn };
  if (value instanceof CelTypeValue) return { kind: 'type', of: celTypes.dyn };
  if (value instanceof CelOpaque) return { kind: 'opaque', name: value.typeName };
  if (value instanceof CelMap) return { kind: 'map', key: celTypes.dyn, value: celTypes.dyn };
  return { kind: 'list', element: celTypes.dyn };
}

/** Characters, bytes, items or entries; 1 for what has no parts. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (value instanceof CelMap) return value.size;
  return Array.isArray(value) ? value.length : 1;
}
