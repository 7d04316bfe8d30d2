import { apiError } from '../../api/api-error.ts';
import { mastersGroup } from '../../api/names.ts';
import type { User } from '../authn/user.ts';
import type { Binding, Subject } from './parse-policy.ts';
import type { PolicyCache } from './policy-cache.ts';
import { type Attributes, type PolicyRule, isPathAttributes, ruleCovers } from './policy-rule.ts';

export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
}

/** Role based access control: what no bound rule covers is forbidden. */
export interface Authorizer {
  decide(user: User, attributes: Attributes): Decision;
  /** Every rule that the user has in the namespace, or in the whole cluster when it is absent. */
  rulesFor(user: User, namespace: string | undefined): readonly PolicyRule[];
}

export function createAuthorizer(policies: PolicyCache): Authorizer {
  return {
    decide(user, attributes) {
      if (user.groups.includes(mastersGroup)) return { isAllowed: true, reason: '' };
      const namespace = isPathAttributes(attributes) ? undefined : attributes.namespace;
      for (const { binding, kind, rules } of grants(policies, user, namespace)) {
        if (!rules.some((rule) => ruleCovers(rule, attributes))) continue;
        const { role } = binding;
        const reason = `RBAC: allowed by ${kind} "${binding.name}" of ${role.kind} "${role.name}"`;
        return { isAllowed: true, reason };
      }
      return { isAllowed: false, reason: '' };
    },
    rulesFor: (user, namespace) => [...grants(policies, user, namespace)].flatMap(({ rules }) => [...rules]),
  };
}

interface Grant {
  readonly binding: Binding;
  readonly kind: 'ClusterRoleBinding' | 'RoleBinding';
  readonly rules: readonly PolicyRule[];
}

function* grants(policies: PolicyCache, user: User, namespace: string | undefined): Generator<Grant> {
  for (const binding of policies.clusterBindings()) {
    if (!isBound(binding, user)) continue;
    yield { binding, kind: 'ClusterRoleBinding', rules: policies.rulesOf(binding.role, undefined) };
  }
  if (namespace === undefined) return;
  for (const binding of policies.namespaceBindings(namespace)) {
    if (!isBound(binding, user)) continue;
    yield { binding, kind: 'RoleBinding', rules: policies.rulesOf(binding.role, namespace) };
  }
}

function isBound({ subjects }: Binding, user: User): boolean {
  return subjects.some((subject) => isSubject(subject, user));
}

function isSubject({ kind, name, namespace }: Subject, user: User): boolean {
  if (kind === 'User') return name === user.name;
  if (kind === 'Group') return user.groups.includes(name);
  return kind === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace}:${name}`;
}

export function forbidden(user: User, attributes: Attributes): Error {
  if (isPathAttributes(attributes)) {
    const { verb, path } = attributes;
    return apiError('Forbidden', `forbidden: User "${user.name}" cannot ${verb} path "${path}"`, {});
  }
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message =
    `${qualified}${name === undefined ? '' : ` "${name}"`} is forbidden: User "${user.name}" cannot ${verb} ` +
    `resource "${what}" in API group "${group}" ${where}`;
  const details = { ...(name === undefined ? {} : { name }), group, kind: resource };
  return apiError('Forbidden', message, details);
}
