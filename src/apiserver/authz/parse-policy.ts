import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import type { PolicyRule } from './policy-rule.ts';

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export interface RoleReference {
  readonly kind: string;
  readonly name: string;
}

export interface Role {
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly PolicyRule[];
  /** Label sets; the role also has the rules of every ClusterRole that carries one of them. */
  readonly aggregates: readonly Readonly<Record<string, string>>[];
}

export interface Binding {
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly role: RoleReference;
}

export function parseRole(object: JsonObject): Role {
  const { clusterRoleSelectors } = objectAt(object, 'aggregationRule');
  return {
    labels: objectAt(objectAt(object, 'metadata'), 'labels') as Record<string, string>,
    rules: objectsIn(object['rules']).map(parseRule),
    aggregates: objectsIn(clusterRoleSelectors).map(
      (selector) => objectAt(selector, 'matchLabels') as Record<string, string>,
    ),
  };
}

export function parseRule(rule: JsonObject): PolicyRule {
  return {
    verbs: textsIn(rule['verbs']),
    apiGroups: textsIn(rule['apiGroups']),
    resources: textsIn(rule['resources']),
    resourceNames: textsIn(rule['resourceNames']),
    nonResourceURLs: textsIn(rule['nonResourceURLs']),
  };
}

export function parseBinding(object: JsonObject): Binding {
  return {
    name: textAt(objectAt(object, 'metadata'), 'name'),
    subjects: objectsIn(object['subjects']).map((subject) => ({
      kind: textAt(subject, 'kind'),
      name: textAt(subject, 'name'),
      namespace: textAt(subject, 'namespace'),
    })),
    role: parseRoleReference(object),
  };
}

export function parseRoleReference(binding: JsonObject): RoleReference {
  const reference = objectAt(binding, 'roleRef');
  return { kind: textAt(reference, 'kind'), name: textAt(reference, 'name') };
}

// Lists and fields may be absent or null in stored objects; both mean "nothing granted".
function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}
