import { floorDivide } from './numbers.ts';

const nanosPerSecond = 1_000_000_000n;

/** RFC 3339 with as many digits of the second as there are. */
export function formatTimestamp(nanos: bigint): string {
  const seconds = floorDivide(nanos, nanosPerSecond);
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}${formatFraction(nanos - seconds * nanosPerSecond)}Z`;
}

/** `90.5s`: seconds are the only unit. */
export function formatDuration(nanos: bigint): string {
  const positive = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  return `${sign}${positive / nanosPerSecond}${formatFraction(positive % nanosPerSecond)}s`;
}

function formatFraction(nanos: bigint): string {
  if (nanos === 0n) return '';
  return `.${String(nanos).padStart(9, '0').replace(/0+$/u, '')}`;
}

const timestamp = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/u;

/** Undefined when the text is no time. */
export function parseTimestamp(text: string): bigint | undefined {
  const [, date, time, fraction = '', zone = 'Z'] = timestamp.exec(text) ?? [];
  if (date === undefined || time === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  // Date accepts February 30 and moves it into March.
  const isReal = !Number.isNaN(ms) && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
  return isReal ? BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')) : undefined;
}

const unitNanos: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const durationPart = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/guy;

/** `1h30m`, as Go writes it; undefined when the text is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/u.exec(text) ?? [];
  if (body === '0') return 0n;
  const parts = [...body.matchAll(durationPart)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== body) return undefined;
  const total = parts.reduce((sum, [, amount = '0', unit = 's']) => sum + toNanos(amount, unit), 0n);
  return sign === '-' ? -total : total;
}

function toNanos(amount: string, unit: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.');
  const scale = BigInt(unitNanos[unit] ?? 1);
  const digits = fraction.slice(0, 15);
  return (
    BigInt(whole === '' ? '0' : whole) * scale +
    (BigInt(digits === '' ? '0' : digits) * scale) / 10n ** BigInt(digits.length)
  );
}
