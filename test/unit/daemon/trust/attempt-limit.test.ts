import assert from 'node:assert/strict';
import { createAttemptLimit } from '../../../../src/daemon/trust/attempt-limit.ts';

describe('daemon/trust: limit of attempts', () => {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };

  it('lets an address be wrong three times, and then makes it wait ever longer', () => {
    const limit = createAttemptLimit(clock);
    for (let tries = 0; tries < 3; tries += 1) {
      assert.equal(limit.waitMs('a'), 0);
      limit.failed('a');
    }
    const waits: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      waits.push(limit.waitMs('a') / 1_000);
      clock.nowMs += limit.waitMs('a');
      assert.equal(limit.waitMs('a'), 0);
      limit.failed('a');
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    assert.equal(limit.waitMs('b'), 0);
  });

  it('forgets an address that gets in, and one that was quiet for an hour', () => {
    const limit = createAttemptLimit(clock);
    for (const address of ['a', 'b']) for (let tries = 0; tries < 4; tries += 1) limit.failed(address);
    assert.ok(limit.waitMs('a') > 0);
    limit.succeeded('a');
    assert.equal(limit.waitMs('a'), 0);
    clock.nowMs += 61 * 60_000;
    assert.equal(limit.waitMs('b'), 0);
  });

  it('stops everybody when too many fail together, whatever their addresses', () => {
    const limit = createAttemptLimit(clock);
    for (let tries = 0; tries < 20; tries += 1) limit.failed(`10.0.0.${tries}`);
    assert.equal(limit.waitMs('192.0.2.1'), 60_000);
    clock.nowMs += 60_000;
    assert.equal(limit.waitMs('192.0.2.1'), 0);
  });
});
