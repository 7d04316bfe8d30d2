import {
  CelDuration,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from './cel-value.ts';
import { isUnorderedList } from './unordered-list.ts';

/** Values of different types are unequal, but for numbers, which are compared as such. */
export function isEqual(left: CelValue, right: CelValue): boolean {
  const order = compareNumbers(left, right);
  if (order !== undefined) return order === 0;
  if (typeof left !== 'object' || left === null) return left === right;
  if (typeof right !== 'object' || right === null) return false;
  return isEqualObject(left, right);
}

type ObjectValue = Extract<CelValue, object>;

function isEqualObject(left: ObjectValue, right: ObjectValue): boolean {
  if (Array.isArray(left)) return Array.isArray(right) && isEqualList(left, right as readonly CelValue[]);
  if (left instanceof CelMap) return right instanceof CelMap && isEqualMap(left, right);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (left instanceof CelTimestamp) return right instanceof CelTimestamp && left.nanos === right.nanos;
  if (left instanceof CelDuration) return right instanceof CelDuration && left.nanos === right.nanos;
  if (left instanceof CelTypeValue) return right instanceof CelTypeValue && left.typeName === right.typeName;
  if (left instanceof CelOpaque) {
    return right instanceof CelOpaque && left.typeName === right.typeName && left.equals(right);
  }
  if (!(left instanceof CelOptional) || !(right instanceof CelOptional)) return false;
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return isEqual(left.value, right.value);
}

function isEqualList(left: readonly CelValue[], right: readonly CelValue[]): boolean {
  if (left.length !== right.length) return false;
  if (isUnorderedList(left)) return left.every((item) => right.some((other) => isEqual(item, other)));
  return left.every((item, index) => isEqual(item, right[index] ?? null));
}

function isEqualMap(left: CelMap, right: CelMap): boolean {
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const [one, other] = [left.get(key), right.get(key)];
    if (one === undefined || other === undefined || !isEqual(one, other)) return false;
  }
  return true;
}

/** Undefined unless both are numbers; NaN when they have no order. */
export function compareNumbers(left: CelValue, right: CelValue): number | undefined {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined) return undefined;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  // JavaScript compares a bigint with a number exactly.
  return a < b ? -1 : Number(a > b);
}

function numberOf(value: CelValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof CelUint ? value.value : undefined;
}
