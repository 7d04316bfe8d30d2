import { CelEvaluationError } from '../cel-error.ts';
import type { CelDuration, CelTimestamp } from '../cel-value.ts';
import { type Overload, overload } from '../overload.ts';

const nanosPerMs = 1_000_000n;
const msPerMinute = 60_000;
const msPerDay = 86_400_000;

type Part = (time: Date) => number;

/** Days, months and weekdays count from 0, but for `getDate`. */
const parts: readonly (readonly [name: string, part: Part])[] = [
  ['getFullYear', (time) => time.getUTCFullYear()],
  ['getMonth', (time) => time.getUTCMonth()],
  ['getDayOfYear', (time) => Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / msPerDay)],
  ['getDayOfMonth', (time) => time.getUTCDate() - 1],
  ['getDate', (time) => time.getUTCDate()],
  ['getDayOfWeek', (time) => time.getUTCDay()],
  ['getHours', (time) => time.getUTCHours()],
  ['getMinutes', (time) => time.getUTCMinutes()],
  ['getSeconds', (time) => time.getUTCSeconds()],
  ['getMilliseconds', (time) => time.getUTCMilliseconds()],
];

const spans: readonly (readonly [name: string, nanos: bigint])[] = [
  ['getHours', 3_600_000_000_000n],
  ['getMinutes', 60_000_000_000n],
  ['getSeconds', 1_000_000_000n],
];

export const timeOverloads: readonly Overload[] = [
  ...parts.flatMap(([name, part]) => [
    overload(`timestamp.${name}(): int`, (time: CelTimestamp) => BigInt(part(dateOf(time)))),
    overload(`timestamp.${name}(string): int`, (time: CelTimestamp, zone: string) =>
      BigInt(part(dateIn(time, zone))),
    ),
  ]),
  ...spans.map(([name, unit]) =>
    overload(`duration.${name}(): int`, ({ nanos }: CelDuration) => nanos / unit),
  ),
  overload('duration.getMilliseconds(): int', ({ nanos }: CelDuration) => (nanos / nanosPerMs) % 1000n),
];

function dateOf({ nanos }: CelTimestamp): Date {
  const ms = nanos / nanosPerMs - (nanos % nanosPerMs < 0n ? 1n : 0n);
  return new Date(Number(ms));
}

/** A date whose UTC fields are those of the zone. */
function dateIn(timestamp: CelTimestamp, zone: string): Date {
  const time = dateOf(timestamp);
  const [, sign, hours = '0', minutes = '0'] = /^([+-]?)(\d{1,2}):(\d\d)$/u.exec(zone) ?? [];
  if (sign !== undefined) {
    const offsetMinutes = Number(hours) * 60 + Number(minutes);
    return new Date(time.getTime() + (sign === '-' ? -1 : 1) * offsetMinutes * msPerMinute);
  }
  return new Date(time.getTime() + zoneOffsetMs(time, zone));
}

function zoneOffsetMs(time: Date, zone: string): number {
  try {
    const text = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).format(
      time,
    );
    const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/u.exec(text) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * msPerMinute + Number(seconds) * 1000;
    return sign === '-' ? -offset : offset;
  } catch (error) {
    throw new CelEvaluationError(`unknown time zone ${zone}`, { cause: error });
  }
}
