import type { Saying } from './step.ts';

const dayMs = 24 * 3_600_000;
/** Days before its end at which people are told, the nearest first. */
const warnings = [
  { days: 1, reason: 'ExpiresInOneDay' },
  { days: 7, reason: 'ExpiresInSevenDays' },
  { days: 30, reason: 'ExpiresInThirtyDays' },
] as const;

/** What a condition says of a certificate: its reason changes 30, 7 and 1 days before the end, and at it. */
export function judgeExpiry(called: string, expiresMs: number, nowMs: number): Saying {
  const end = new Date(expiresMs).toISOString();
  const leftMs = expiresMs - nowMs;
  if (leftMs <= 0) return { status: 'False', reason: 'Expired', message: `${called} expired at ${end}` };
  const due = warnings.find(({ days }) => leftMs <= days * dayMs);
  const message = `${called} is valid until ${end}`;
  return due === undefined
    ? { status: 'True', reason: 'Valid', message }
    : { status: 'False', reason: due.reason, message };
}

/** Whether it is time to sign a certificate anew: for the last third of its life, and not before its last 90 days. */
export function isRenewalDue(validFromMs: number, expiresMs: number, nowMs: number): boolean {
  const aheadMs = Math.min((expiresMs - validFromMs) / 3, 90 * dayMs);
  return nowMs >= expiresMs - aheadMs;
}
