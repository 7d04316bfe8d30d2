import assert from 'node:assert/strict';
import { checkTimeout, readTimeoutMs } from '../../../../src/apiserver/http/request-timeout.ts';

describe('apiserver/http/request-timeout', () => {
  const cases = [
    { text: undefined, want: 60_000 },
    { text: '', want: 60_000 },
    { text: '0', want: 60_000 },
    { text: '0s', want: 60_000 },
    { text: '32s', want: 32_000 },
    { text: '1m30s', want: 60_000 },
    { text: '1.5s', want: 1_500 },
    { text: '250ms', want: 250 },
    { text: '1h', want: 60_000 },
  ];
  for (const { text, want } of cases) {
    it(`takes ${text ?? 'nothing'} as ${want} ms`, () => {
      const query = new URLSearchParams(text === undefined ? {} : { timeout: text });
      assert.equal(readTimeoutMs(query), want);
      checkTimeout(query);
    });
  }

  for (const text of ['5', 's', '-1s', '1s ', '1d', '1e3s', '9'.repeat(400) + 's']) {
    it(`refuses ${text.slice(0, 10)}`, () => {
      const query = new URLSearchParams({ timeout: text });
      assert.equal(readTimeoutMs(query), 60_000);
      assert.throws(() => checkTimeout(query), /invalid timeout/);
    });
  }
});
