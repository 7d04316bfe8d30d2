import assert from 'node:assert/strict';
import { canonicalIp } from '../../../src/base/canonical-ip.ts';

describe('base/canonical-ip', () => {
  const cases: readonly [string, string][] = [
    ['FD77:0071:0::0100', 'fd77:71::100'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['192.0.2.1', '192.0.2.1'],
  ];
  for (const [given, expected] of cases) {
    it(`spells ${given} as ${expected}`, () => {
      assert.equal(canonicalIp(given), expected);
    });
  }
});
