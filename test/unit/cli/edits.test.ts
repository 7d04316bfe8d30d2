import assert from 'node:assert/strict';
import { changeFor, readSetting } from '../../../src/cli/setting-edit.ts';
import { splitList } from '../../../src/cli/split-list.ts';
import { withoutRoles, withRoles } from '../../../src/cli/role-edit.ts';
import { buildMember } from '../../support/build-objects.ts';

describe('cli: edits of a member', () => {
  const member = buildMember('n1', { spec: { address: '192.0.2.1:8443', roles: ['ovn-chassis'] } });

  const added: readonly [readonly string[], readonly string[] | RegExp][] = [
    [['control-plane'], ['ovn-chassis', 'control-plane']],
    [['ovn-chassis'], /member "n1" has the role "ovn-chassis" already/],
    [['database-voter'], /"database-voter" is assigned automatically and cannot be added by hand/],
    [['king'], /there is no role "king"; the roles are control-plane, ovn-chassis/],
  ];
  for (const [roles, want] of added) {
    it(`adds ${roles.join(',')}: ${String(want)}`, () => {
      if (want instanceof RegExp) assert.throws(() => withRoles(member, roles), want);
      else assert.deepEqual(withRoles(member, roles), want);
    });
  }

  const removed: readonly [readonly string[], readonly string[] | RegExp][] = [
    [['ovn-chassis'], []],
    [['control-plane'], /member "n1" does not have the role "control-plane"/],
    [['database'], /"database" is assigned automatically and cannot be taken away by hand/],
  ];
  for (const [roles, want] of removed) {
    it(`takes away ${roles.join(',')}: ${String(want)}`, () => {
      if (want instanceof RegExp) assert.throws(() => withoutRoles(member, roles), want);
      else assert.deepEqual(withoutRoles(member, roles), want);
    });
  }

  const settings: readonly [string, string | undefined, object | RegExp][] = [
    ['scheduler.instance', 'manual', { scheduling: 'manual' }],
    ['scheduler.instance', undefined, { scheduling: null }],
    ['scheduler.instance', 'never', /cannot be "never"; it is one of all, group, manual/],
    ['failure_domain', 'rack-2', { failureDomain: 'rack-2' }],
    ['failure_domain', undefined, { failureDomain: null }],
    ['failure_domain', '', /cannot be empty/],
    ['description', 'front', { description: 'front' }],
    ['user.rack', '7', { config: { 'user.rack': '7' } }],
    ['user.rack', undefined, { config: { 'user.rack': null } }],
    ['core.https_proxy', ':8443', /a member has no setting "core.https_proxy"/],
    ['user.', 'x', /no setting "user."/],
  ];
  for (const [key, value, want] of settings) {
    it(`${value === undefined ? 'unsets' : 'sets'} ${key}=${value ?? ''}`, () => {
      if (want instanceof RegExp) assert.throws(() => changeFor(key, value), want);
      else assert.deepEqual(changeFor(key, value), want);
    });
  }

  it('reads what holds, defaults included', () => {
    const keys = ['scheduler.instance', 'failure_domain', 'description', 'user.rack'];
    assert.deepEqual(
      keys.map((key) => readSetting(member, key)),
      ['all', 'default', '', ''],
    );
  });

  it('splits lists, and refuses what is empty or twice there', () => {
    assert.deepEqual(splitList('a, b'), ['a', 'b']);
    assert.throws(() => splitList('a,,b'), /empty part/);
    assert.throws(() => splitList('a,a'), /"a" is named twice/);
  });
});

describe('cli: addresses of a member', () => {
  const cases: readonly [string, string | undefined, object][] = [
    ['cluster.https_address', '10.0.0.1', { address: '10.0.0.1:8443' }],
    ['cluster.https_address', '2001:db8::1', { address: '[2001:db8::1]:8443' }],
    ['core.https_address', '10.0.0.1:443, [::1]', { clientAddresses: ['10.0.0.1:443', '[::1]:8443'] }],
    ['core.https_address', ':8443', { clientAddresses: ['[::]:8443'] }],
    ['core.https_address', '::', { clientAddresses: ['[::]:8443'] }],
    ['core.https_address', '', { clientAddresses: null }],
    ['core.https_address', undefined, { clientAddresses: null }],
  ];
  for (const [key, value, change] of cases) {
    it(`takes ${key} ${String(value)}`, () => assert.deepEqual(changeFor(key, value), change));
  }

  it('leaves no member without an address', () => {
    assert.throws(() => changeFor('cluster.https_address', undefined), /cannot be without/);
  });
});
