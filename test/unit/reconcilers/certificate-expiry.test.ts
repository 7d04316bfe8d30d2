import assert from 'node:assert/strict';
import { isRenewalDue, judgeExpiry } from '../../../src/reconcilers/certificate-expiry.ts';

const dayMs = 24 * 3_600_000;
const endMs = Date.parse('2030-06-01T00:00:00Z');

describe('reconcilers: expiry of a certificate', () => {
  const cases = [
    { leftDays: 31, status: 'True', reason: 'Valid' },
    { leftDays: 30, status: 'False', reason: 'ExpiresInThirtyDays' },
    { leftDays: 7.1, status: 'False', reason: 'ExpiresInThirtyDays' },
    { leftDays: 7, status: 'False', reason: 'ExpiresInSevenDays' },
    { leftDays: 1, status: 'False', reason: 'ExpiresInOneDay' },
    { leftDays: 0, status: 'False', reason: 'Expired' },
  ];
  for (const { leftDays, status, reason } of cases) {
    it(`says ${reason} ${leftDays} days before the end`, () => {
      const saying = judgeExpiry('it', endMs, endMs - leftDays * dayMs);
      assert.deepEqual([saying.status, saying.reason], [status, reason]);
      assert.match(saying.message, /2030-06-01/);
    });
  }

  it('renews in the last third of a short life, and in the last 90 days of a long one', () => {
    assert.equal(isRenewalDue(endMs - 9 * dayMs, endMs, endMs - 4 * dayMs), false);
    assert.equal(isRenewalDue(endMs - 9 * dayMs, endMs, endMs - 3 * dayMs), true);
    assert.equal(isRenewalDue(endMs - 3_650 * dayMs, endMs, endMs - 91 * dayMs), false);
    assert.equal(isRenewalDue(endMs - 3_650 * dayMs, endMs, endMs - 90 * dayMs), true);
  });
});
