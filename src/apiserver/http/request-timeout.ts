import { apiError } from '../../api/api-error.ts';

const longestMs = 60_000;
const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const term = /([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)/g;
const whole = /^(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:h|ms|m|s)){1,4}$/;

/** How long the answer may take: 60 s, or less where `?timeout=` asks for less. Longer is not to be had. */
export function readTimeoutMs(query: URLSearchParams): number {
  const text = query.get('timeout') ?? '';
  if (!whole.test(text)) return longestMs;
  const parts = [...text.matchAll(term)];
  const ms = parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
  return ms === 0 ? longestMs : Math.min(ms, longestMs);
}

/** Apart from reading it, because a refusal needs the request to be under way. */
export function checkTimeout(query: URLSearchParams): void {
  const text = query.get('timeout') ?? '';
  if (text === '' || text === '0' || whole.test(text)) return;
  throw apiError(
    'BadRequest',
    `invalid timeout specified in the request URL: "${text}"; a duration such as 30s or 1m30s is one`,
  );
}
