import { CelEvaluationError } from '../cel-error.ts';
import {
  type CelDuration,
  type CelTimestamp,
  CelTypeValue,
  type CelUint,
  type CelValue,
  typeOf,
} from '../cel-value.ts';
import { type Overload, overload, scanCost } from '../overload.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './format-time.ts';
import { floorDivide, toDuration, toInt, toTimestamp, toUint } from './numbers.ts';

const scan = { cost: scanCost };
const same = <T>(value: T): T => value;
const nanosPerSecond = 1_000_000_000n;

export const conversionOverloads: readonly Overload[] = [
  overload('bool(bool): bool', same),
  overload('bool(string): bool', readBool),
  overload('bytes(bytes): bytes', same),
  overload('bytes(string): bytes', (text: string) => new TextEncoder().encode(text), scan),
  overload('double(double): double', same),
  overload('double(int): double', Number),
  overload('double(uint): double', ({ value }: CelUint) => Number(value)),
  overload('double(string): double', readDouble, scan),
  overload('duration(duration): duration', same),
  overload(
    'duration(string): duration',
    (text: string) => toDuration(parsed(parseDuration(text), 'duration', text)),
    scan,
  ),
  overload('duration(int): duration', (nanos: bigint) => toDuration(nanos)),
  overload('int(int): int', same),
  overload('int(uint): int', ({ value }: CelUint) => toInt(value)),
  overload('int(double): int', toIntInside),
  overload('int(string): int', (text: string) => toInt(parseInteger(text)), scan),
  overload('int(timestamp): int', ({ nanos }: CelTimestamp) => floorDivide(nanos, nanosPerSecond)),
  overload('int(duration): int', ({ nanos }: CelDuration) => nanos),
  overload('string(string): string', same),
  overload('string(bool): string', String),
  overload('string(int): string', String),
  overload('string(uint): string', ({ value }: CelUint) => String(value)),
  overload('string(double): string', formatDouble),
  overload('string(bytes): string', readUtf8, scan),
  overload('string(timestamp): string', ({ nanos }: CelTimestamp) => formatTimestamp(nanos)),
  overload('string(duration): string', ({ nanos }: CelDuration) => formatDuration(nanos)),
  overload('timestamp(timestamp): timestamp', same),
  overload('timestamp(int): timestamp', (seconds: bigint) => toTimestamp(seconds * nanosPerSecond)),
  overload(
    'timestamp(string): timestamp',
    (text: string) => toTimestamp(parsed(parseTimestamp(text), 'timestamp', text)),
    scan,
  ),
  overload('type(A): type<A>', (value: CelValue) => new CelTypeValue(typeOf(value))),
  overload('uint(uint): uint', same),
  overload('uint(int): uint', toUint),
  overload('uint(double): uint', (value: number) => toUint(truncate(value))),
  overload('uint(string): uint', (text: string) => toUint(parseInteger(text)), scan),
];

function readBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw conversionError('bool', text);
}

function readDouble(text: string): number {
  if (/^[-+]?(?:inf|infinity)$/iu.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/iu.test(text)) return Number.NaN;
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu.test(text)) return Number(text);
  throw conversionError('double', text);
}

function parseInteger(text: string): bigint {
  if (/^[-+]?\d+$/u.test(text)) return BigInt(text.replace(/^\+/u, ''));
  throw conversionError('int', text);
}

function truncate(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelEvaluationError('integer overflow');
  return BigInt(Math.trunc(value));
}

/** Whether the edge itself was meant, or a value beyond it that was rounded, nobody can tell any more. */
function toIntInside(value: number): bigint {
  if (Math.abs(value) >= 2 ** 63) throw new CelEvaluationError('integer overflow');
  return toInt(truncate(value));
}

function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  // Go writes the exponent with at least two digits.
  return String(value).replace(/e([+-])(\d)$/u, 'e$10$2');
}

function readUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CelEvaluationError('invalid UTF-8 in bytes, cannot convert to string', { cause: error });
  }
}

function parsed(value: bigint | undefined, type: string, text: string): bigint {
  if (value !== undefined) return value;
  throw conversionError(type, text);
}

function conversionError(type: string, text: string): CelEvaluationError {
  return new CelEvaluationError(`type conversion error from 'string' to '${type}': ${JSON.stringify(text)}`);
}
