import type { StoreReader, StoredEntry } from '../../consensus/store/store.ts';
import { followPrefix } from '../registry/follow-prefix.ts';
import { storagePrefix } from '../registry/storage-key.ts';
import { matchesLabels } from '../selectors/label-selector.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { defaultClusterBindings, defaultClusterRoles } from './default-policy.ts';
import { type Binding, type Role, type RoleReference, parseBinding, parseRole } from './parse-policy.ts';
import type { PolicyRule } from './policy-rule.ts';

/** The RBAC objects of the store, parsed once and kept current by the watch feed. */
export interface PolicyCache {
  /** Bindings for the whole cluster, the defaults included. */
  clusterBindings(): Iterable<Binding>;
  namespaceBindings(namespace: string): Iterable<Binding>;
  /** All rules of the role, aggregated ones included; none when it does not exist. */
  rulesOf(role: RoleReference, namespace: string | undefined): readonly PolicyRule[];
  close(): void;
}

const rbacGroup = 'rbac.authorization.k8s.io';
const prefixes = {
  roles: storagePrefix(rbacGroup, 'roles'),
  clusterRoles: storagePrefix(rbacGroup, 'clusterroles'),
  roleBindings: storagePrefix(rbacGroup, 'rolebindings'),
  clusterRoleBindings: storagePrefix(rbacGroup, 'clusterrolebindings'),
};

/** Keys are what follows the prefix: `name`, or `namespace/name`. */
interface Policies {
  readonly roles: Map<string, Role>;
  readonly clusterRoles: Map<string, Role>;
  readonly roleBindings: Map<string, Binding>;
  readonly clusterRoleBindings: Map<string, Binding>;
}

export function createPolicyCache(store: StoreReader): PolicyCache {
  const policies: Policies = {
    roles: new Map(),
    clusterRoles: new Map(),
    roleBindings: new Map(),
    clusterRoleBindings: new Map(),
  };
  const close = followPrefix(store, `/registry/${rbacGroup}/`, {
    reset: (entries) => {
      for (const map of Object.values(policies)) (map as Map<string, unknown>).clear();
      for (const entry of entries) put(policies, entry.key, entry);
    },
    change: (changes) => {
      for (const { key, entry } of changes) put(policies, key, entry);
    },
  });

  return {
    *clusterBindings() {
      yield* defaultClusterBindings;
      yield* policies.clusterRoleBindings.values();
    },
    *namespaceBindings(namespace) {
      for (const [key, binding] of policies.roleBindings) {
        if (key.startsWith(`${namespace}/`)) yield binding;
      }
    },
    rulesOf(reference, namespace) {
      const role =
        reference.kind === 'Role'
          ? policies.roles.get(`${namespace ?? ''}/${reference.name}`)
          : (policies.clusterRoles.get(reference.name) ?? defaultClusterRoles.get(reference.name));
      return role === undefined ? [] : [...role.rules, ...aggregatedRules(role, policies.clusterRoles)];
    },
    close,
  };
}

function aggregatedRules(role: Role, clusterRoles: ReadonlyMap<string, Role>): readonly PolicyRule[] {
  if (role.aggregates.length === 0) return [];
  const chosen = [...clusterRoles.values()].filter(({ labels }) =>
    role.aggregates.some((selector) => matchesLabels(selector, labels)),
  );
  return chosen.flatMap(({ rules }) => rules);
}

function put(policies: Policies, key: string, entry: StoredEntry | undefined): void {
  const putIn = <T>(map: Map<string, T>, prefix: string, parse: (object: JsonObject) => T): void => {
    if (!key.startsWith(prefix)) return;
    const name = key.slice(prefix.length);
    if (entry === undefined) map.delete(name);
    else map.set(name, parse(decodeStoredJson(entry.value) as JsonObject));
  };
  putIn(policies.roles, prefixes.roles, parseRole);
  putIn(policies.clusterRoles, prefixes.clusterRoles, parseRole);
  putIn(policies.roleBindings, prefixes.roleBindings, parseBinding);
  putIn(policies.clusterRoleBindings, prefixes.clusterRoleBindings, parseBinding);
}
