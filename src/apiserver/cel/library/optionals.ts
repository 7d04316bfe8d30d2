import { CelEvaluationError } from '../cel-error.ts';
import {
  CelDuration,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelValue,
  absent,
} from '../cel-value.ts';
import { type Overload, overload } from '../overload.ts';

export const optionalOverloads: readonly Overload[] = [
  overload('optional::of(A): optional<A>', (value: CelValue) => new CelOptional(value)),
  overload('optional::ofNonZeroValue(A): optional<A>', (value: CelValue) =>
    isZero(value) ? absent : new CelOptional(value),
  ),
  overload('optional::none(): optional<A>', () => absent),
  overload('optional<A>.hasValue(): bool', ({ value }: CelOptional) => value !== undefined),
  overload('optional<A>.value(): A', ({ value }: CelOptional) => {
    if (value === undefined) throw new CelEvaluationError('optional.none() dereference');
    return value;
  }),
  overload('optional<A>.or(optional<A>): optional<A>', (one: CelOptional, other: CelOptional) =>
    one.value === undefined ? other : one,
  ),
  // A null that is there counts as a value.
  overload('optional<A>.orValue(A): A', ({ value }: CelOptional, otherwise: CelValue) =>
    value === undefined ? otherwise : value,
  ),
];

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanos === 0n;
  if (value instanceof CelMap) return value.size === 0;
  if (value instanceof CelOptional) return value.value === undefined;
  return (Array.isArray(value) || value instanceof Uint8Array) && value.length === 0;
}
