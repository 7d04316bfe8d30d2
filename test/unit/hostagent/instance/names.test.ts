import assert from 'node:assert/strict';
import {
  instanceHostName,
  nicHostName,
  nicHwaddr,
  parseInstanceHostName,
  volumeName,
} from '../../../../src/hostagent/instance/names.ts';
import { networkHwaddr, networkInterfaceName } from '../../../../src/hostagent/network/names.ts';

describe('hostagent/instance/names', () => {
  it('reads back what it writes', () => {
    const name = { namespace: 'team-a', name: 'web.1' };
    assert.deepEqual(parseInstanceHostName(instanceHostName(name.namespace, name.name)), name);
  });

  it('knows a directory that is not an instance', () => {
    assert.deepEqual(
      [parseInstanceHostName('lost+found'), parseInstanceHostName('a_b_c')],
      [undefined, undefined],
    );
  });

  it('gives each device an interface that the kernel takes', () => {
    const names = ['eth0', 'eth1'].map((device) => nicHostName('6f1c2d3e', device));
    assert(names.every((name) => name.length <= 15));
    assert.notEqual(names[0], names[1]);
  });

  it('gives the same hardware address again', () => {
    assert.match(nicHwaddr('u', 'eth0'), /^00:16:3e(:[0-9a-f]{2}){3}$/);
    assert.equal(nicHwaddr('u', 'eth0'), nicHwaddr('u', 'eth0'));
    assert.notEqual(nicHwaddr('u', 'eth0'), nicHwaddr('v', 'eth0'));
    assert.match(networkHwaddr('u'), /^00:16:3e(:[0-9a-f]{2}){3}$/);
  });

  it('never takes the volume of an earlier instance of the name', () => {
    assert.notEqual(volumeName('default_web', 'u1'), volumeName('default_web', 'u2'));
  });

  it('keeps a network’s name where the kernel takes it', () => {
    const names = ['muster0', 'lo', 'a-network-with-a-long-name'].map(networkInterfaceName);
    assert.equal(names[0], 'muster0');
    assert(names.slice(1).every((name) => /^mb[0-9a-f]{12}$/.test(name)));
  });
});
