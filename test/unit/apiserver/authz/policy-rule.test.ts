import assert from 'node:assert/strict';
import { type PolicyRule, findUncovered, ruleCovers } from '../../../../src/apiserver/authz/policy-rule.ts';

const buildRule = (rule: Partial<PolicyRule>): PolicyRule => ({
  ...{ verbs: ['get'], apiGroups: [''], resources: [], resourceNames: [], nonResourceURLs: [] },
  ...rule,
});
const getSecret = { verb: 'get', group: '', resource: 'secrets', name: 'a' };

describe('apiserver/authz/policy-rule', () => {
  const cases = [
    { name: 'covers what it lists', rule: { resources: ['secrets'] }, attributes: getSecret, want: true },
    {
      name: 'covers by stars',
      rule: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      attributes: getSecret,
      want: true,
    },
    {
      name: 'minds the verb',
      rule: { verbs: ['list'], resources: ['secrets'] },
      attributes: getSecret,
      want: false,
    },
    {
      name: 'minds the group',
      rule: { apiGroups: ['x'], resources: ['secrets'] },
      attributes: getSecret,
      want: false,
    },
    {
      name: 'covers a listed name',
      rule: { resources: ['secrets'], resourceNames: ['a'] },
      attributes: getSecret,
      want: true,
    },
    {
      name: 'covers no other name',
      rule: { resources: ['secrets'], resourceNames: ['b'] },
      attributes: getSecret,
      want: false,
    },
    {
      name: 'covers no nameless request by name',
      rule: { verbs: ['*'], resources: ['secrets'], resourceNames: ['a'] },
      attributes: { verb: 'list', group: '', resource: 'secrets' },
      want: false,
    },
    {
      name: 'keeps sub-resources apart',
      rule: { resources: ['secrets'] },
      attributes: { ...getSecret, subresource: 'status' },
      want: false,
    },
    {
      name: 'covers a sub-resource of everything',
      rule: { resources: ['*/status'] },
      attributes: { ...getSecret, subresource: 'status' },
      want: true,
    },
    {
      name: 'covers a path',
      rule: { nonResourceURLs: ['/livez'] },
      attributes: { verb: 'get', path: '/livez' },
      want: true,
    },
    {
      name: 'covers paths by prefix',
      rule: { nonResourceURLs: ['/apis/*'] },
      attributes: { verb: 'get', path: '/apis/x' },
      want: true,
    },
    {
      name: 'covers no path by a resource star',
      rule: { resources: ['*'] },
      attributes: { verb: 'get', path: '/livez' },
      want: false,
    },
  ];
  for (const { name, rule, attributes, want } of cases) {
    it(name, () => {
      assert.equal(ruleCovers(buildRule(rule), attributes), want);
    });
  }

  const grants = [
    {
      name: 'lets a part of a right be granted',
      wanted: { resources: ['secrets'], resourceNames: ['a'] },
      missing: 0,
    },
    {
      name: 'finds verbs that are not held',
      wanted: { verbs: ['get', 'list', 'watch'], resources: ['secrets'] },
      missing: 1,
    },
    { name: 'finds a star that is not held', wanted: { resources: ['*'] }, missing: 1 },
    {
      name: 'finds paths that are not held',
      wanted: { nonResourceURLs: ['/livez', '/metrics'] },
      missing: 1,
    },
  ];
  const held = [
    buildRule({ verbs: ['get', 'list'], resources: ['secrets'] }),
    buildRule({ nonResourceURLs: ['/live*'] }),
  ];
  for (const { name, wanted, missing } of grants) {
    it(name, () => {
      assert.equal(findUncovered([buildRule(wanted)], held).length, missing);
    });
  }
});
