import assert from 'node:assert/strict';

import { addDuration, DurationError } from '../../../src/api/duration.ts';

describe('api/duration', () => {
  const cases = [
    { from: '2026-01-01T00:00:00Z', text: '3H', want: '2026-01-01T03:00:00.000Z' },
    { from: '2026-01-01T00:00:00Z', text: '1d 3H', want: '2026-01-02T03:00:00.000Z' },
    { from: '2026-01-01T00:00:00Z', text: ' 30S   5M ', want: '2026-01-01T00:05:30.000Z' },
    { from: '2026-01-01T00:00:00Z', text: '2w', want: '2026-01-15T00:00:00.000Z' },
    { from: '2026-11-20T12:00:00Z', text: '1y 1m', want: '2027-12-20T12:00:00.000Z' },
    { from: '2026-01-31T00:00:00Z', text: '1m', want: '2026-03-03T00:00:00.000Z' },
    { from: '2024-02-29T00:00:00Z', text: '1y', want: '2025-03-01T00:00:00.000Z' },
    { from: '2026-01-01T00:00:00Z', text: '0d', want: '2026-01-01T00:00:00.000Z' },
    { from: '2026-01-01T00:00:00Z', text: '', want: undefined },
  ];
  for (const { from, text, want } of cases) {
    it(`adds "${text}" to ${from}`, () => {
      const end = addDuration(Date.parse(from), text);
      assert.equal(end === undefined ? undefined : new Date(end).toISOString(), want);
    });
  }

  const wrong = [
    { text: '1d 2d', want: /d stands there twice/ },
    { text: '3h', want: /"3h" is not a duration: write numbers with the units/ },
    { text: '3', want: /is not a duration/ },
    { text: 'H', want: /is not a duration/ },
    { text: '-3H', want: /is not a duration/ },
    { text: '1d3H', want: /is not a duration/ },
    { text: '999999999y', want: /beyond the calendar/ },
  ];
  for (const { text, want } of wrong) {
    it(`refuses "${text}"`, () => {
      assert.throws(
        () => addDuration(0, text),
        (error) => error instanceof DurationError && want.test(error.message),
      );
    });
  }
});
