import { controllersGroup, mastersGroup, membersGroup } from '../../api/names.ts';
import { anonymousUser, authenticatedGroup } from '../authn/user.ts';
import type { Binding, Role } from './parse-policy.ts';
import type { PolicyRule } from './policy-rule.ts';

const readVerbs = ['get', 'list', 'watch'];
// Not "*": that would be to impersonate everybody, and to give out rights that one does not have.
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const allVerbs = [...readVerbs, ...writeVerbs];
const healthPaths = ['/healthz', '/livez', '/livez/*', '/readyz', '/readyz/*', '/version', '/version/'];
const discoveryPaths = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...healthPaths];
// Secrets are left out of "view": reading them gives away more than looking.
const viewable = ['configmaps', 'events', 'namespaces', 'serviceaccounts'];

/**
 * Roles and bindings that hold even while the store is empty: without them nobody could store the first ones. A
 * stored role of the same name takes the place of the default.
 */
export const defaultClusterRoles: ReadonlyMap<string, Role> = new Map([
  [
    'cluster-admin',
    buildRole({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }),
  ],
  [
    'admin',
    buildRole(
      { verbs: allVerbs, apiGroups: ['', 'coordination.k8s.io', 'muster.dev'], resources: ['*'] },
      { verbs: allVerbs, apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'] },
    ),
  ],
  [
    'edit',
    buildRole({ verbs: allVerbs, apiGroups: ['', 'coordination.k8s.io', 'muster.dev'], resources: ['*'] }),
  ],
  [
    'view',
    buildRole(
      { verbs: readVerbs, apiGroups: [''], resources: viewable },
      { verbs: readVerbs, apiGroups: ['coordination.k8s.io', 'muster.dev'], resources: ['*'] },
    ),
  ],
  [
    'muster:host-agent',
    buildRole(
      { verbs: readVerbs, apiGroups: ['muster.dev'], resources: ['*'] },
      { verbs: ['get'], apiGroups: ['muster.dev'], resources: ['images/content'] },
      {
        verbs: ['update', 'patch'],
        apiGroups: ['muster.dev'],
        resources: [
          'images/status',
          'instances/status',
          'members/status',
          'networks/status',
          'storagepools/status',
        ],
      },
      // Taking a finalizer away is a change of metadata, so it needs the object itself.
      { verbs: ['update', 'patch'], apiGroups: ['muster.dev'], resources: ['instances'] },
      { verbs: readVerbs, apiGroups: [''], resources: ['namespaces'] },
      { verbs: ['create', 'get', 'patch', 'update'], apiGroups: [''], resources: ['events'] },
    ),
  ],
  [
    'system:basic-user',
    buildRole({
      verbs: ['create'],
      apiGroups: ['authentication.k8s.io', 'authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectreviews', 'selfsubjectrulesreviews'],
    }),
  ],
  ['system:discovery', buildRole({ verbs: ['get'], nonResourceURLs: discoveryPaths })],
  ['system:public-info-viewer', buildRole({ verbs: ['get'], nonResourceURLs: healthPaths })],
]);

export const defaultClusterBindings: readonly Binding[] = [
  bindGroups('cluster-admin', 'cluster-admin', [mastersGroup]),
  // They define kinds and roles, and give out rights that nobody holds yet.
  bindGroups('system:controllers', 'cluster-admin', [controllersGroup]),
  bindGroups('muster:host-agents', 'muster:host-agent', [membersGroup]),
  bindGroups('system:basic-user', 'system:basic-user', [authenticatedGroup]),
  bindGroups('system:discovery', 'system:discovery', [authenticatedGroup]),
  bindGroups('system:public-info-viewer', 'system:public-info-viewer', [
    authenticatedGroup,
    ...anonymousUser.groups,
  ]),
];

function buildRole(...rules: readonly Partial<PolicyRule>[]): Role {
  const nothing = { verbs: [], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  return { labels: {}, aggregates: [], rules: rules.map((rule) => ({ ...nothing, ...rule })) };
}

function bindGroups(name: string, roleName: string, groups: readonly string[]): Binding {
  return {
    name,
    subjects: groups.map((group) => ({ kind: 'Group', name: group, namespace: '' })),
    role: { kind: 'ClusterRole', name: roleName },
  };
}
