import assert from 'node:assert/strict';
import { isWildcard, parseAddress } from '../../../src/daemon/address.ts';

describe('daemon/address', () => {
  const cases = [
    { text: '192.0.2.1:8443', want: { host: '192.0.2.1', port: 8443 } },
    { text: 'n1.example.org:443', want: { host: 'n1.example.org', port: 443 } },
    { text: '[2001:db8::1]:8443', want: { host: '2001:db8::1', port: 8443 } },
    { text: '[::]:8443', want: { host: '::', port: 8443 } },
    { text: 'n1', want: { problem: '"n1" is not of the form host:port' } },
    { text: '2001:db8::1:8443', want: { problem: '"2001:db8::1:8443" is not of the form host:port' } },
    { text: '300.0.2.1:8443', want: { problem: '"300.0.2.1" is not an IPv4 address' } },
    { text: '[2001:xyz]:8443', want: { problem: '"[2001:xyz]:8443" is not of the form host:port' } },
    { text: '[1:2]:8443', want: { problem: '"1:2" is not an IPv6 address' } },
    { text: 'n1:0', want: { problem: 'the port of "n1:0" is not between 1 and 65535' } },
    { text: 'n1:70000', want: { problem: 'the port of "n1:70000" is not between 1 and 65535' } },
    { text: 'https://n1:8443', want: { problem: '"https://n1:8443" is not of the form host:port' } },
  ];
  for (const { text, want } of cases) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseAddress(text), want);
    });
  }

  it('knows where nobody can be reached', () => {
    assert.deepEqual(['::', '0.0.0.0', '192.0.2.1'].map(isWildcard), [true, true, false]);
  });
});
