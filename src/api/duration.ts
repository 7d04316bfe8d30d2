const part = /^(\d{1,9})([SMHdwmy])$/;

/** A text that is no duration; the message says what would be one. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

/**
 * The point in time that lies one expiry expression (`1d 3H`, units S M H d w m y, each at most once) after `fromMs`.
 * Months and years follow the calendar in UTC, so that one month after January 31 is March 2 or 3, as LXD counts.
 * Nothing when the expression is empty: it never expires. Throws a DurationError.
 */
export function addDuration(fromMs: number, text: string): number | undefined {
  const amounts = parseDuration(text);
  if (amounts.size === 0) return undefined;
  const amount = (unit: string): number => amounts.get(unit) ?? 0;
  const date = new Date(fromMs);
  date.setUTCFullYear(
    date.getUTCFullYear() + amount('y'),
    date.getUTCMonth() + amount('m'),
    date.getUTCDate() + amount('d') + 7 * amount('w'),
  );
  const endMs = date.getTime() + ((amount('H') * 60 + amount('M')) * 60 + amount('S')) * 1_000;
  if (Number.isNaN(endMs)) throw new DurationError(`"${text}" reaches beyond the calendar`);
  return endMs;
}

function parseDuration(text: string): ReadonlyMap<string, number> {
  const amounts = new Map<string, number>();
  for (const word of text.split(/\s+/).filter((found) => found !== '')) {
    const [, count, unit] = part.exec(word) ?? [];
    if (count === undefined || unit === undefined) {
      throw new DurationError(
        `"${text}" is not a duration: write numbers with the units S, M, H, d, w, m or y, such as "1d 3H"`,
      );
    }
    if (amounts.has(unit)) throw new DurationError(`"${text}" is not a duration: ${unit} stands there twice`);
    amounts.set(unit, Number(count));
  }
  return amounts;
}
