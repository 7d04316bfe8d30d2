import assert from 'node:assert/strict';
import { createAuthorizer } from '../../../../src/apiserver/authz/authorizer.ts';
import { createPolicyCache } from '../../../../src/apiserver/authz/policy-cache.ts';
import { type InMemoryStore, createInMemoryStore } from '../../../support/in-memory-store.ts';

const group = 'rbac.authorization.k8s.io';

async function put(store: InMemoryStore, plural: string, place: string, object: object): Promise<void> {
  const key = `/registry/${group}/${plural}/${place}`;
  const value = Buffer.from(JSON.stringify({ metadata: { name: place.split('/').at(-1) }, ...object }));
  await store.commit({ conditions: [], operations: [{ kind: 'put', key, value }] });
}

const readers = { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }] };
const toBob = { subjects: [{ kind: 'User', name: 'bob' }] };
const bob = { name: 'bob', groups: ['system:authenticated'] };
const getIn = (namespace: string) => ({ verb: 'get', group: '', resource: 'configmaps', namespace });

describe('apiserver/authz/authorizer', () => {
  it('lets masters do everything and strangers nothing', () => {
    const authorizer = createAuthorizer(createPolicyCache(createInMemoryStore()));
    const decide = (groups: readonly string[]) =>
      authorizer.decide({ name: 'x', groups }, getIn('a')).isAllowed;
    assert.deepEqual([decide(['system:masters']), decide(['system:authenticated'])], [true, false]);
  });

  it('lets everybody see the health and only known users the kinds', () => {
    const authorizer = createAuthorizer(createPolicyCache(createInMemoryStore()));
    const decide = (groups: readonly string[], path: string) =>
      authorizer.decide({ name: 'x', groups }, { verb: 'get', path }).isAllowed;
    assert.deepEqual(
      [
        decide(['system:unauthenticated'], '/livez'),
        decide(['system:unauthenticated'], '/apis/muster.dev'),
        decide(['system:authenticated'], '/apis/muster.dev'),
        decide(['system:authenticated'], '/metrics'),
      ],
      [true, false, true, false],
    );
  });

  it('follows roles and bindings as they come and go', async () => {
    const store = createInMemoryStore();
    const authorizer = createAuthorizer(createPolicyCache(store));
    const seen = [authorizer.decide(bob, getIn('a')).isAllowed];
    await put(store, 'clusterroles', 'reader', readers);
    await put(store, 'rolebindings', 'a/b', { ...toBob, roleRef: { kind: 'ClusterRole', name: 'reader' } });
    seen.push(authorizer.decide(bob, getIn('a')).isAllowed, authorizer.decide(bob, getIn('b')).isAllowed);
    await store.commit({
      conditions: [],
      operations: [{ kind: 'delete', key: `/registry/${group}/rolebindings/a/b` }],
    });
    seen.push(authorizer.decide(bob, getIn('a')).isAllowed);
    assert.deepEqual(seen, [false, true, false, false]);
  });

  it('gives a role the rules that it aggregates', async () => {
    const store = createInMemoryStore();
    const authorizer = createAuthorizer(createPolicyCache(store));
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] };
    await put(store, 'clusterroles', 'all', { aggregationRule });
    await put(store, 'clusterroles', 'part', {
      ...readers,
      metadata: { name: 'part', labels: { to: 'all' } },
    });
    await put(store, 'clusterrolebindings', 'b', { ...toBob, roleRef: { kind: 'ClusterRole', name: 'all' } });
    assert.deepEqual(authorizer.decide(bob, getIn('a')), {
      isAllowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "all"',
    });
  });

  const chosen: readonly { selector: object; isChosen: boolean }[] = [
    { selector: {}, isChosen: true },
    { selector: { matchLabels: { to: 'all' } }, isChosen: true },
    { selector: { matchLabels: { to: 'none' } }, isChosen: false },
    { selector: { matchExpressions: [{ key: 'to', operator: 'In', values: ['all'] }] }, isChosen: true },
    { selector: { matchExpressions: [{ key: 'to', operator: 'NotIn', values: ['all'] }] }, isChosen: false },
    { selector: { matchExpressions: [{ key: 'to', operator: 'Exists' }] }, isChosen: true },
    { selector: { matchExpressions: [{ key: 'to', operator: 'DoesNotExist' }] }, isChosen: false },
    { selector: { matchExpressions: [{ key: 'to', operator: 'Near', values: ['all'] }] }, isChosen: false },
    {
      selector: { matchLabels: { to: 'all' }, matchExpressions: [{ key: 'on', operator: 'Exists' }] },
      isChosen: false,
    },
  ];
  for (const { selector, isChosen } of chosen) {
    it(`aggregates ${isChosen ? 'what matches' : 'nothing that does not match'} ${JSON.stringify(selector)}`, async () => {
      const store = createInMemoryStore();
      const authorizer = createAuthorizer(createPolicyCache(store));
      const part = { ...readers, metadata: { name: 'part', labels: { to: 'all' } } };
      await put(store, 'clusterroles', 'part', part);
      await put(store, 'clusterroles', 'sum', { aggregationRule: { clusterRoleSelectors: [selector] } });
      await put(store, 'clusterrolebindings', 'b', {
        ...toBob,
        roleRef: { kind: 'ClusterRole', name: 'sum' },
      });
      assert.equal(authorizer.decide(bob, getIn('a')).isAllowed, isChosen);
    });
  }

  it('lets nobody with a default role act as somebody else', async () => {
    const store = createInMemoryStore();
    const authorizer = createAuthorizer(createPolicyCache(store));
    const decided: boolean[] = [];
    for (const name of ['admin', 'edit', 'view']) {
      await put(store, 'clusterrolebindings', name, { ...toBob, roleRef: { kind: 'ClusterRole', name } });
      for (const resource of ['users', 'groups', 'serviceaccounts']) {
        const target = { group: '', resource, name: 'system:masters' };
        decided.push(authorizer.decide(bob, { verb: 'impersonate', ...target }).isAllowed);
      }
      for (const verb of ['bind', 'escalate']) {
        decided.push(authorizer.decide(bob, { verb, group, resource: 'roles', name: 'x' }).isAllowed);
      }
    }
    assert.deepEqual(new Set(decided), new Set([false]));
  });
});
