import { load } from 'js-yaml';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { type AuditPolicy, type AuditResources, type AuditRule, auditLevels } from './audit-policy.ts';

const ruleFields = [
  ...['level', 'users', 'userGroups', 'verbs', 'namespaces', 'resources', 'nonResourceURLs'],
  ...['omitStages', 'omitManagedFields'], // only the complete answer is written, and fields have no owners there
];

/** Reads a policy in YAML or JSON. Throws with the place and what would be right; `origin` names the text. */
export function parseAuditPolicy(text: string, origin: string): AuditPolicy {
  const document = load(text);
  if (!isJsonObject(document) || document['kind'] !== 'Policy') {
    throw new Error(
      `${origin} is no audit policy: it needs "apiVersion: audit.k8s.io/v1" and "kind: Policy"`,
    );
  }
  const { apiVersion, rules } = document;
  if (apiVersion !== 'audit.k8s.io/v1') {
    throw new Error(`${origin}: apiVersion has to be audit.k8s.io/v1, not ${JSON.stringify(apiVersion)}`);
  }
  if (!Array.isArray(rules)) throw new Error(`${origin}: rules has to be a list`);
  return { rules: rules.map((rule, index) => parseAuditRule(rule, `${origin}: rules[${index}]`)) };
}

function parseAuditRule(rule: unknown, place: string): AuditRule {
  if (!isJsonObject(rule)) throw new Error(`${place} has to be an object`);
  const unknown = Object.keys(rule).find((field) => !ruleFields.includes(field));
  // A field with a typing error would silently widen the rule.
  if (unknown !== undefined) {
    throw new Error(`${place}.${unknown} is not known; known are ${ruleFields.join(', ')}`);
  }
  const level = auditLevels.find((known) => known === rule['level']);
  if (level === undefined) {
    throw new Error(
      `${place}.level has to be one of ${auditLevels.join(', ')}, not ${JSON.stringify(rule['level'])}`,
    );
  }
  const texts = (field: string): readonly string[] => readTexts(rule, field, place);
  const { resources = [] } = rule;
  if (!Array.isArray(resources)) throw new Error(`${place}.resources has to be a list`);
  return {
    level,
    users: texts('users'),
    userGroups: texts('userGroups'),
    verbs: texts('verbs'),
    namespaces: texts('namespaces'),
    nonResourceURLs: texts('nonResourceURLs'),
    resources: resources.map((one, index) => parseResources(one, `${place}.resources[${index}]`)),
  };
}

function parseResources(value: unknown, place: string): AuditResources {
  if (!isJsonObject(value)) throw new Error(`${place} has to be an object with group and resources`);
  const { group = '' } = value;
  if (typeof group !== 'string') throw new Error(`${place}.group has to be a text`);
  return {
    group,
    resources: readTexts(value, 'resources', place),
    resourceNames: readTexts(value, 'resourceNames', place),
  };
}

function readTexts(object: JsonObject, field: string, place: string): readonly string[] {
  const value = object[field] ?? [];
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
  throw new Error(`${place}.${field} has to be a list of texts`);
}
