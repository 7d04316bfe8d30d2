import { CelEvaluationError } from '../cel-error.ts';
import { CelDuration, type CelMap, CelTimestamp, type CelValue, sizeOf } from '../cel-value.ts';
import { compareNumbers, isEqual } from '../equality.ts';
import { type Overload, overload } from '../overload.ts';

const cheapest = (sizes: readonly number[]): number => Math.ceil(Math.min(...sizes) * 0.1);

type Ordered = readonly [sign: string, holds: (order: number) => boolean];

const orders: readonly Ordered[] = [
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
];
const numbers = ['int', 'uint', 'double'];
const others = ['bool', 'string', 'bytes', 'timestamp', 'duration'];

/** Numbers may be compared across their types. */
const comparable = [
  ...numbers.flatMap((left) => numbers.map((right) => [left, right] as const)),
  ...others.map((type) => [type, type] as const),
];

export const comparisonOverloads: readonly Overload[] = [
  overload('_==_(A, A): bool', (a: CelValue, b: CelValue) => isEqual(a, b), { cost: cheapest }),
  overload('_!=_(A, A): bool', (a: CelValue, b: CelValue) => !isEqual(a, b), { cost: cheapest }),
  ...orders.flatMap(([sign, holds]) =>
    comparable.map(([left, right]) =>
      overload(
        `_${sign}_(${left}, ${right}): bool`,
        (a: CelValue, b: CelValue) => holds(compareValues(a, b)),
        {
          cost: left === 'string' || left === 'bytes' ? cheapest : () => 0,
        },
      ),
    ),
  ),
  overload('!_(bool): bool', (value: boolean) => !value),
  overload(
    '@in(A, list<A>): bool',
    (item: CelValue, list: readonly CelValue[]) => list.some((other) => isEqual(item, other)),
    { cost: ([, size = 0]) => size },
  ),
  overload('@in(A, map<A, B>): bool', (key: CelValue, map: CelMap) => map.get(key) !== undefined),
  ...['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type) => [
    overload(`size(${type}): int`, countParts),
    overload(`${type}.size(): int`, countParts),
  ]),
  overload('dyn(A): dyn', (value: CelValue) => value),
];

/** A text counts in characters, not in the units that JavaScript stores. */
function countParts(value: CelValue): bigint {
  if (typeof value !== 'string') return BigInt(sizeOf(value));
  let count = 0n;
  for (const _character of value) count += 1n;
  return count;
}

/** NaN when there is no order. */
export function compareValues(left: CelValue, right: CelValue): number {
  const order = compareNumbers(left, right);
  if (order !== undefined) return order;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  const isTime = left instanceof CelTimestamp && right instanceof CelTimestamp;
  const isSpan = left instanceof CelDuration && right instanceof CelDuration;
  if (isTime || isSpan) return left.nanos < right.nanos ? -1 : Number(left.nanos > right.nanos);
  throw new CelEvaluationError('no such overload');
}

/** By code points, as bytes of UTF-8 compare; JavaScript's own order differs beyond 65,535. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
