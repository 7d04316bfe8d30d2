import assert from 'node:assert/strict';
import { chooseIpv4Subnet, chooseIpv6Subnet } from '../../../../src/reconcilers/network/choose-subnet.ts';

describe('reconcilers/network/choose-subnet', () => {
  const first = chooseIpv4Subnet('lan', []) ?? '';
  const [, x = '', y = ''] = first.split('.');

  it('gives the gateway of a private subnet, the same for the same seed', () => {
    assert.match(first, /^10\.\d+\.\d+\.1\/24$/);
    assert.equal(chooseIpv4Subnet('lan', ['192.168.0.1/24', 'fd42::1/64', 'none']), first);
    assert.notEqual(chooseIpv4Subnet('wan', []), first);
  });

  it('steps over subnets that overlap, whatever their size', () => {
    const next = chooseIpv4Subnet('lan', [`10.${x}.${y}.129/25`]) ?? '';
    assert.notEqual(next, first);
    const other = chooseIpv4Subnet('lan', [`10.${x}.0.0/16`]) ?? '';
    assert.notEqual(other.split('.')[1], x);
  });

  it('gives up when everything is taken', () => {
    assert.equal(chooseIpv4Subnet('lan', ['10.0.0.0/8']), undefined);
  });

  it('gives a unique local IPv6 subnet', () => {
    assert.match(chooseIpv6Subnet('lan'), /^fd42:[0-9a-f]{4}:[0-9a-f]{4}:[0-9a-f]{4}::1\/64$/);
  });
});
