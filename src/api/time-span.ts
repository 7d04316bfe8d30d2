const unitMs: Readonly<Record<string, number>> = {
  S: 1_000,
  M: 60_000,
  H: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Adds a span such as `1d 3H` to a time. Months (`m`) and years (`y`) are those of the calendar, in UTC. Undefined
 * when the span is empty, which means "never".
 */
export function addTimeSpan(nowMs: number, span: string): number | undefined {
  const parts = span.split(' ').filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const end = new Date(nowMs);
  for (const part of parts) {
    const match = /^(\d+)([SMHdwmy])$/.exec(part);
    if (match === null)
      throw new RangeError(`"${part}" is not a number with one of the units S, M, H, d, w, m, y`);
    const [, digits = '', unit = ''] = match;
    const count = Number(digits);
    if (unit === 'm') end.setUTCMonth(end.getUTCMonth() + count);
    else if (unit === 'y') end.setUTCFullYear(end.getUTCFullYear() + count);
    else end.setTime(end.getTime() + count * (unitMs[unit] ?? 0));
  }
  return end.getTime();
}
