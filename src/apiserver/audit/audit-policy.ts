import type { User } from '../authn/user.ts';
import type { RequestInfo } from '../http/request-info.ts';

/** How much of a request is written down; each level has what the one before has. */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

export interface AuditResources {
  readonly group: string;
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

/** One rule of an `audit.k8s.io/v1` Policy. An empty list says nothing about its matter. */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  readonly resources: readonly AuditResources[];
  readonly nonResourceURLs: readonly string[];
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
}

export interface AuditSubject {
  readonly user: User;
  readonly info: RequestInfo | undefined;
}

/** The first rule that fits decides; where none does, nothing is written. */
export function auditLevelOf({ rules }: AuditPolicy, subject: AuditSubject): AuditLevel {
  const level = rules.find((rule) => fits(rule, subject))?.level ?? 'None';
  return isMoreThanMetadata(level) && holdsSecrets(subject.info) ? 'Metadata' : level;
}

export function isMoreThanMetadata(level: AuditLevel): boolean {
  return level === 'Request' || level === 'RequestResponse';
}

const secretResources = new Set([
  'authentication.k8s.io/tokenreviews',
  '/secrets',
  '/configmaps', // where people put what belongs into a Secret
  '/serviceaccounts/token',
]);

/** Whatever the policy says: what opens doors is never written down. Paths that are no resources have no policy for bodies. */
function holdsSecrets(info: RequestInfo | undefined): boolean {
  if (!info?.isResource) return true;
  const { group, resource, subresource } = info;
  const plain = `${group}/${resource}`;
  return secretResources.has(plain) || secretResources.has(`${plain}/${subresource ?? ''}`);
}

function fits(rule: AuditRule, { user, info }: AuditSubject): boolean {
  if (!fitsUser(rule, user)) return false;
  if (rule.verbs.length > 0 && !rule.verbs.some((verb) => verb === '*' || verb === info?.verb)) return false;
  const saysResources = rule.resources.length > 0 || rule.namespaces.length > 0;
  if (!saysResources && rule.nonResourceURLs.length === 0) return true;
  if (info === undefined) return false;
  return info.isResource
    ? saysResources && fitsResource(rule, info)
    : rule.nonResourceURLs.some((pattern) => fitsPath(pattern, info.path));
}

function fitsUser({ users, userGroups }: AuditRule, { name, groups }: User): boolean {
  if (users.length > 0 && !users.includes(name)) return false;
  return userGroups.length === 0 || userGroups.some((group) => groups.includes(group));
}

function fitsResource(
  rule: AuditRule,
  { group, resource, subresource, namespace = '', name = '' }: RequestInfo & { readonly isResource: true },
): boolean {
  if (rule.namespaces.length > 0 && !rule.namespaces.includes(namespace)) return false;
  if (rule.resources.length === 0) return true;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const patterns = ['*', whole, `${resource}/*`, `*/${subresource ?? ''}`];
  return rule.resources.some(
    (wanted) =>
      wanted.group === group &&
      (wanted.resources.length === 0 || wanted.resources.some((one) => patterns.includes(one))) &&
      (wanted.resourceNames.length === 0 || wanted.resourceNames.includes(name)),
  );
}

function fitsPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}
