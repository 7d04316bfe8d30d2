import type { CelValue } from '../cel-value.ts';
import { isEqual } from '../equality.ts';
import { type Overload, overload } from '../overload.ts';

type List = readonly CelValue[];

const product = { cost: ([left = 0, right = 0]: readonly number[]): number => left * right };

export const setOverloads: readonly Overload[] = [
  overload('sets::contains(list<A>, list<A>): bool', contains, product),
  overload(
    'sets::equivalent(list<A>, list<A>): bool',
    (a: List, b: List) => contains(a, b) && contains(b, a),
    {
      cost: (sizes) => 2 * product.cost(sizes),
    },
  ),
  overload(
    'sets::intersects(list<A>, list<A>): bool',
    (a: List, b: List) => a.some((item) => b.some((other) => isEqual(item, other))),
    product,
  ),
];

function contains(list: List, wanted: List): boolean {
  return wanted.every((item) => list.some((other) => isEqual(item, other)));
}
