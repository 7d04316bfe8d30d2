import { isDeepStrictEqual } from 'node:util';

import { apiError } from '../../api/api-error.ts';
import { mastersGroup } from '../../api/names.ts';
import type { User } from '../authn/user.ts';
import { parseRole, parseRoleReference } from '../authz/parse-policy.ts';
import { type PolicyRule, findUncovered } from '../authz/policy-rule.ts';
import { qualifiedResource, resourceDetails } from '../registry/resource-kind.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { AdmissionRequest, AdmissionRule } from './admission-rule.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/**
 * Nobody hands out rights that they do not have: without this rule, the right to write roles would be the right to
 * everything. The verbs `escalate` on a role and `bind` on the role of a binding lift it.
 */
export const admitPolicy: AdmissionRule = (request, deps) => {
  const { operation, kind, user, object } = request;
  if (kind.served.group !== rbacGroup || operation === 'delete' || object === undefined) return undefined;
  if (user.groups.includes(mastersGroup)) return undefined;
  const granted = kind.served.plural.endsWith('bindings')
    ? rulesOfBinding(request, deps)
    : rulesOfRole(request, deps);
  const missing = findUncovered(granted, deps.authorizer.rulesFor(user, request.place.namespace));
  if (missing.length > 0) throw escalation(request, missing);
  return undefined;
};

function rulesOfRole(
  { kind, place, user, object, stored }: AdmissionRequest,
  deps: ServerDeps,
): readonly PolicyRule[] {
  const attributes = {
    ...{ verb: 'escalate', group: rbacGroup, resource: kind.served.plural, name: place.name },
    ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
  };
  const isExempt = deps.authorizer.decide(user, attributes).isAllowed;
  if (isExempt || object === undefined) return [];
  const { rules, aggregates } = parseRole(object);
  const before = stored === undefined ? [] : parseRole(stored).aggregates;
  // What such a role grants is whatever anybody labels later, so only who may do everything can make one.
  const isNewAggregation = aggregates.length > 0 && !isDeepStrictEqual(aggregates, before);
  return isNewAggregation ? [...rules, ...everything] : rules;
}

const nothing: PolicyRule = {
  verbs: ['*'],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: [],
};
const everything: readonly PolicyRule[] = [
  { ...nothing, apiGroups: ['*'], resources: ['*'] },
  { ...nothing, nonResourceURLs: ['*'] },
];

function rulesOfBinding({ place, user, object }: AdmissionRequest, deps: ServerDeps): readonly PolicyRule[] {
  const role = parseRoleReference(object ?? {});
  const resource = role.kind === 'Role' ? 'roles' : 'clusterroles';
  const attributes = {
    ...{ verb: 'bind', group: rbacGroup, resource, name: role.name },
    ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
  };
  if (deps.authorizer.decide(user, attributes).isAllowed) return [];
  return deps.policies.rulesOf(role, place.namespace);
}

function escalation({ kind, place, user }: AdmissionRequest, missing: readonly PolicyRule[]): Error {
  const { name } = place;
  const message =
    `${qualifiedResource(kind.served)} "${name}" is forbidden: ${describeUser(user)} is attempting to grant RBAC ` +
    `permissions not currently held:\n${missing.map(describeRule).join('\n')}`;
  return apiError('Forbidden', message, resourceDetails(kind.served, name));
}

function describeUser({ name, groups }: User): string {
  return `user ${JSON.stringify(name)} (groups=[${groups.map((group) => JSON.stringify(group)).join(' ')}])`;
}

function describeRule(rule: PolicyRule): string {
  const lists = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['Verbs', rule.verbs],
  ] as const;
  const given = lists.filter(([, values]) => values.length > 0);
  return `{${given.map(([name, values]) => `${name}:${JSON.stringify(values)}`).join(', ')}}`;
}
