import { CelEvaluationError } from '../cel-error.ts';
import {
  CelDuration,
  CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  typeOf,
} from '../cel-value.ts';
import { formatType } from '../cel-type.ts';
import { formatDuration, formatTimestamp } from './format-time.ts';

const clause = /%(?:%|(?:\.(\d+))?([sdfeboxX])|.?)/gsu;
const maxPrecision = 100;

/** `"%s is %d".format([name, count])`. */
export function formatText(pattern: string, values: readonly CelValue[]): string {
  let next = 0;
  return pattern.replaceAll(clause, (whole: string, precision?: string, verb?: string) => {
    if (whole === '%%') return '%';
    if (verb === undefined)
      throw new CelEvaluationError(`could not parse formatting clause: ${JSON.stringify(whole)}`);
    const value = values[next];
    if (value === undefined) throw new CelEvaluationError(`index ${next} out of range`);
    next += 1;
    return formatValue(verb, value, Math.min(Number(precision ?? 6), maxPrecision));
  });
}

function formatValue(verb: string, value: CelValue, precision: number): string {
  switch (verb) {
    case 's':
      return showValue(value);
    case 'd':
      return showDecimal(value);
    case 'f':
    case 'e':
      return showFraction(verb, value, precision);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integerOf(verb, value).toString(2);
    case 'o':
      return integerOf(verb, value).toString(8);
    case 'x':
      return showHex(value);
    default:
      return showHex(value).toUpperCase();
  }
}

function showValue(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return showDecimal(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value.nanos);
  if (value instanceof CelDuration) return formatDuration(value.nanos);
  if (value instanceof CelTypeValue) return value.typeName;
  if (value instanceof CelMap) return showMap(value);
  if (Array.isArray(value)) return `[${(value as readonly CelValue[]).map(showValue).join(', ')}]`;
  throw unusable('s', value);
}

function showMap(map: CelMap): string {
  const entries = [...map.keys()].map((key) => [showValue(key), showValue(map.get(key) ?? null)] as const);
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
}

function showDecimal(value: CelValue): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (typeof value !== 'number') throw unusable('d', value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return String(value);
}

function showFraction(verb: string, value: CelValue, precision: number): string {
  const number =
    typeof value === 'bigint' ? Number(value) : value instanceof CelUint ? Number(value.value) : value;
  if (typeof number !== 'number') throw unusable(verb, value);
  if (!Number.isFinite(number)) return showDecimal(number);
  if (verb === 'f') return number.toFixed(precision);
  return number.toExponential(precision).replace(/e([+-])(\d)$/u, 'e$10$2');
}

function showHex(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integerOf('x', value).toString(16);
}

function integerOf(verb: string, value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof CelUint) return value.value;
  throw unusable(verb, value);
}

function unusable(verb: string, value: CelValue): CelEvaluationError {
  return new CelEvaluationError(
    `error during formatting: %${verb} cannot be applied to a value of type ${formatType(typeOf(value))}`,
  );
}
