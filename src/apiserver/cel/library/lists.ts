import { CelEvaluationError } from '../cel-error.ts';
import { CelDuration, CelUint, type CelValue } from '../cel-value.ts';
import { isEqual } from '../equality.ts';
import { type Overload, overload, walkCost } from '../overload.ts';
import { compareValues } from './comparison.ts';
import { toDuration, toInt, toUint } from './numbers.ts';

type List = readonly CelValue[];

const ordered = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'timestamp', 'duration'];
const walk = { cost: walkCost };

export const listOverloads: readonly Overload[] = [
  ...ordered.flatMap((type) => [
    overload(`list<${type}>.isSorted(): bool`, isSorted, walk),
    overload(`list<${type}>.min(): ${type}`, (list: List) => pickExtreme(list, 'min', -1), walk),
    overload(`list<${type}>.max(): ${type}`, (list: List) => pickExtreme(list, 'max', 1), walk),
  ]),
  overload(
    'list<int>.sum(): int',
    (list: readonly bigint[]) => list.reduce((sum, item) => toInt(sum + item), 0n),
    walk,
  ),
  overload(
    'list<uint>.sum(): uint',
    (list: readonly CelUint[]) => list.reduce((sum, item) => toUint(sum.value + item.value), new CelUint(0n)),
    walk,
  ),
  overload(
    'list<double>.sum(): double',
    (list: readonly number[]) => list.reduce((sum, item) => sum + item, 0),
    walk,
  ),
  overload(
    'list<duration>.sum(): duration',
    (list: readonly CelDuration[]) =>
      list.reduce((sum, item) => toDuration(sum.nanos + item.nanos), new CelDuration(0n)),
    walk,
  ),
  overload(
    'list<A>.indexOf(A): int',
    (list: List, item: CelValue) => BigInt(list.findIndex((other) => isEqual(other, item))),
    walk,
  ),
  overload(
    'list<A>.lastIndexOf(A): int',
    (list: List, item: CelValue) => BigInt(list.findLastIndex((other) => isEqual(other, item))),
    walk,
  ),
];

function isSorted(list: List): boolean {
  return list.every((item, index) => index === 0 || compareValues(list[index - 1] ?? null, item) <= 0);
}

function pickExtreme(list: List, name: string, sign: -1 | 1): CelValue {
  const [first, ...rest] = list;
  if (first === undefined) throw new CelEvaluationError(`${name} called on empty list`);
  return rest.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best), first);
}
