import { CelEvaluationError } from '../cel-error.ts';
import type { CelDuration, CelTimestamp, CelUint, CelValue } from '../cel-value.ts';
import { type Overload, overload, scanCost, walkCost } from '../overload.ts';
import { concatLists } from '../concat-lists.ts';
import { toDuration, toInt, toTimestamp, toUint } from './numbers.ts';

const divisor = (value: bigint, what: string): bigint => {
  if (value !== 0n) return value;
  throw new CelEvaluationError(what);
};

export const arithmeticOverloads: readonly Overload[] = [
  overload('_+_(int, int): int', (a: bigint, b: bigint) => toInt(a + b)),
  overload('_-_(int, int): int', (a: bigint, b: bigint) => toInt(a - b)),
  overload('_*_(int, int): int', (a: bigint, b: bigint) => toInt(a * b)),
  overload('_/_(int, int): int', (a: bigint, b: bigint) => toInt(a / divisor(b, 'division by zero'))),
  overload('_%_(int, int): int', (a: bigint, b: bigint) => toInt(a % divisor(b, 'modulus by zero'))),
  overload('-_(int): int', (a: bigint) => toInt(-a)),
  overload('_+_(uint, uint): uint', (a: CelUint, b: CelUint) => toUint(a.value + b.value)),
  overload('_-_(uint, uint): uint', (a: CelUint, b: CelUint) => toUint(a.value - b.value)),
  overload('_*_(uint, uint): uint', (a: CelUint, b: CelUint) => toUint(a.value * b.value)),
  overload('_/_(uint, uint): uint', (a: CelUint, b: CelUint) =>
    toUint(a.value / divisor(b.value, 'division by zero')),
  ),
  overload('_%_(uint, uint): uint', (a: CelUint, b: CelUint) =>
    toUint(a.value % divisor(b.value, 'modulus by zero')),
  ),
  overload('_+_(double, double): double', (a: number, b: number) => a + b),
  overload('_-_(double, double): double', (a: number, b: number) => a - b),
  overload('_*_(double, double): double', (a: number, b: number) => a * b),
  overload('_/_(double, double): double', (a: number, b: number) => a / b),
  overload('-_(double): double', (a: number) => -a),
  overload('_+_(string, string): string', (a: string, b: string) => a + b, { cost: scanCost }),
  overload(
    '_+_(bytes, bytes): bytes',
    (a: Uint8Array, b: Uint8Array) => new Uint8Array(Buffer.concat([a, b])),
    { cost: scanCost },
  ),
  overload(
    '_+_(list<A>, list<A>): list<A>',
    (a: readonly CelValue[], b: readonly CelValue[]) => concatLists(a, b),
    { cost: walkCost },
  ),
  overload('_+_(timestamp, duration): timestamp', (a: CelTimestamp, b: CelDuration) =>
    toTimestamp(a.nanos + b.nanos),
  ),
  overload('_+_(duration, timestamp): timestamp', (a: CelDuration, b: CelTimestamp) =>
    toTimestamp(a.nanos + b.nanos),
  ),
  overload('_+_(duration, duration): duration', (a: CelDuration, b: CelDuration) =>
    toDuration(a.nanos + b.nanos),
  ),
  overload('_-_(timestamp, duration): timestamp', (a: CelTimestamp, b: CelDuration) =>
    toTimestamp(a.nanos - b.nanos),
  ),
  overload('_-_(timestamp, timestamp): duration', (a: CelTimestamp, b: CelTimestamp) =>
    toDuration(a.nanos - b.nanos),
  ),
  overload('_-_(duration, duration): duration', (a: CelDuration, b: CelDuration) =>
    toDuration(a.nanos - b.nanos),
  ),
];
