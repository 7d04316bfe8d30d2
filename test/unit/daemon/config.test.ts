import assert from 'node:assert/strict';

import { parseConfig } from '../../../src/daemon/config.ts';

const member = { clusterId: 'c', id: '1', name: 'n1', address: '192.0.2.1:8443' };
const parse = (timing: unknown): unknown =>
  parseConfig(JSON.stringify({ ...member, timing }), 'config.json').timing;

describe('daemon/config', () => {
  it('leaves the timing to the defaults when there is none', () => {
    assert.deepEqual(parseConfig(JSON.stringify(member), 'config.json'), member);
  });

  it('takes a timing within its limits', () => {
    assert.deepEqual(parse({ networkLatencyMs: 50, readLeaseMs: 0 }), {
      networkLatencyMs: 50,
      readLeaseMs: 0,
    });
  });

  const refused = [
    {
      timing: { networkLatencyMs: 1 },
      want: /timing\.networkLatencyMs has to be a number from 5 to 500, not 1/,
    },
    {
      timing: { readLeaseMs: '10' },
      want: /timing\.readLeaseMs has to be a number from 0 to 10000, not "10"/,
    },
    { timing: { latency: 1 }, want: /timing\.latency is not known; known are networkLatencyMs, readLeaseMs/ },
  ];
  for (const { timing, want } of refused) {
    it(`refuses ${JSON.stringify(timing)}`, () => {
      assert.throws(() => parse(timing), want);
    });
  }
});
