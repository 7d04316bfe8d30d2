import assert from 'node:assert/strict';

import { formatBytes, parseBytes, QuantityError } from '../../../src/api/quantity.ts';

describe('api/quantity', () => {
  const good = [
    { text: '0', want: 0 },
    { text: '1024', want: 1_024 },
    { text: '17B', want: 17 },
    { text: '1k', want: 1_000 },
    { text: '1kB', want: 1_000 },
    { text: '1KB', want: 1_000 },
    { text: '512Mi', want: 536_870_912 },
    { text: '512MiB', want: 536_870_912 },
    { text: '2GB', want: 2_000_000_000 },
    { text: '1.5Gi', want: 1_610_612_736 },
    { text: '0.1k', want: 100 },
    { text: '0.3', want: 1 },
    { text: '1.0001Ki', want: 1_025 },
    { text: '4Ti', want: 4_398_046_511_104 },
    { text: '1E', wantError: /more than 8191Ti/ },
    { text: '', wantError: /"" is not a size: write a number and a unit/ },
    { text: '-1Gi', wantError: /is not a size/ },
    { text: '1 Gi', wantError: /is not a size/ },
    { text: '1e3', wantError: /unknown unit "e"|is not a size/ },
    { text: '5gib', wantError: /unknown unit "gib": use Ki, Mi, Gi, Ti/ },
    { text: '80%', wantError: /is not a size/ },
  ];
  for (const { text, want, wantError } of good) {
    it(`reads "${text}"`, () => {
      if (wantError === undefined) assert.equal(parseBytes(text), want);
      else
        assert.throws(
          () => parseBytes(text),
          (error) => error instanceof QuantityError && wantError.test(error.message),
        );
    });
  }

  for (const [bytes, want] of [
    [0, '0'],
    [1_000, '1000'],
    [1_536, '1536'],
    [1_572_864, '1536Ki'],
    [536_870_912, '512Mi'],
    [2 ** 50, '1024Ti'],
  ] as const) {
    it(`writes ${bytes} as ${want}`, () => {
      assert.equal(formatBytes(bytes), want);
      assert.equal(parseBytes(want), bytes);
    });
  }
});
