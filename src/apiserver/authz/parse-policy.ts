import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import type { LabelRequirement, LabelSelector } from '../selectors/label-selector.ts';
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
  /** The role also has the rules of every ClusterRole that one of these chooses. */
  readonly aggregates: readonly LabelSelector[];
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
    aggregates: objectsIn(clusterRoleSelectors).map(parseSelector),
  };
}

const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;

function parseSelector(selector: JsonObject): LabelSelector {
  const labels = Object.entries(objectAt(selector, 'matchLabels'));
  return [
    ...labels.map(([key, value]): LabelRequirement => ({ key, operator: 'in', values: textsIn([value]) })),
    ...objectsIn(selector['matchExpressions']).map((expression): LabelRequirement => {
      const name = textAt(expression, 'operator');
      // An operator that nobody knows chooses nothing: what is not understood grants nothing.
      if (!Object.hasOwn(operators, name)) return { key: '', operator: 'in', values: [] };
      const operator = operators[name as keyof typeof operators];
      return { key: textAt(expression, 'key'), operator, values: textsIn(expression['values']) };
    }),
  ];
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
