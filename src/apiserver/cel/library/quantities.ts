import { CelEvaluationError } from '../cel-error.ts';
import { CelOpaque } from '../cel-value.ts';
import { type Overload, overload, scanCost } from '../overload.ts';

const scan = { cost: scanCost };
/** Kept as a fraction of 10^9: a nano is the smallest that a quantity can say. */
const scale = 10n ** 9n;

const decimalPowers: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binaryPowers: Readonly<Record<string, bigint>> = {
  Ki: 10n,
  Mi: 20n,
  Gi: 30n,
  Ti: 40n,
  Pi: 50n,
  Ei: 60n,
};
const syntax = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d+))$/u;
const maxExponent = 100;

class Quantity extends CelOpaque {
  readonly typeName = 'quantity';
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }
}

export const quantityOverloads: readonly Overload[] = [
  overload('quantity(string): quantity', readQuantity, scan),
  overload('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined, scan),
  overload('quantity.sign(): int', ({ nanos }: Quantity) => BigInt(Number(nanos > 0n) - Number(nanos < 0n))),
  overload('quantity.isInteger(): bool', ({ nanos }: Quantity) => isInteger(nanos)),
  overload('quantity.asInteger(): int', ({ nanos }: Quantity) => {
    if (isInteger(nanos)) return nanos / scale;
    throw new CelEvaluationError('cannot convert value to integer');
  }),
  overload('quantity.asApproximateFloat(): double', ({ nanos }: Quantity) => Number(nanos) / Number(scale)),
  overload('quantity.isGreaterThan(quantity): bool', (a: Quantity, b: Quantity) => a.nanos > b.nanos),
  overload('quantity.isLessThan(quantity): bool', (a: Quantity, b: Quantity) => a.nanos < b.nanos),
  overload('quantity.compareTo(quantity): int', (a: Quantity, b: Quantity) =>
    BigInt(Number(a.nanos > b.nanos) - Number(a.nanos < b.nanos)),
  ),
  overload('quantity.add(quantity): quantity', (a: Quantity, b: Quantity) => new Quantity(a.nanos + b.nanos)),
  overload('quantity.add(int): quantity', (a: Quantity, b: bigint) => new Quantity(a.nanos + b * scale)),
  overload('quantity.sub(quantity): quantity', (a: Quantity, b: Quantity) => new Quantity(a.nanos - b.nanos)),
  overload('quantity.sub(int): quantity', (a: Quantity, b: bigint) => new Quantity(a.nanos - b * scale)),
];

function readQuantity(text: string): Quantity {
  const nanos = parseQuantity(text);
  if (nanos !== undefined) return new Quantity(nanos);
  throw new CelEvaluationError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function isInteger(nanos: bigint): boolean {
  const whole = nanos / scale;
  return nanos % scale === 0n && whole >= -(2n ** 63n) && whole < 2n ** 63n;
}

/** What is smaller than a nano is rounded up, away from zero, as Kubernetes does. */
function parseQuantity(text: string): bigint | undefined {
  const [, sign, digits, binary, decimal = '', exponent] = syntax.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const power = exponent === undefined ? (decimalPowers[decimal] ?? 0) : Number(exponent);
  if (Math.abs(power) > maxExponent) return undefined;
  const [whole = '', fraction = ''] = digits.split('.');
  const mantissa =
    BigInt(`${whole}${fraction}` || '0') * 2n ** (binary === undefined ? 0n : (binaryPowers[binary] ?? 0n));
  const shift = power - fraction.length + 9;
  const nanos = shift >= 0 ? mantissa * 10n ** BigInt(shift) : divideUp(mantissa, 10n ** BigInt(-shift));
  return sign === '-' ? -nanos : nanos;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
