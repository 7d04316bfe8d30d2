/** A rule of a Role or ClusterRole, complete. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

export type Attributes = PathAttributes | ResourceAttributes;

export function isPathAttributes(attributes: Attributes): attributes is PathAttributes {
  return 'path' in attributes;
}

export function ruleCovers(rule: PolicyRule, attributes: Attributes): boolean {
  if (!listCovers(rule.verbs, attributes.verb)) return false;
  return isPathAttributes(attributes)
    ? rule.nonResourceURLs.some((pattern) => pathCovers(pattern, attributes.path))
    : coversResource(rule, attributes);
}

function coversResource(rule: PolicyRule, attributes: ResourceAttributes): boolean {
  const { group, resource, subresource, name } = attributes;
  if (!listCovers(rule.apiGroups, group)) return false;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const isListed =
    listCovers(rule.resources, whole) ||
    (subresource !== undefined && rule.resources.includes(`*/${subresource}`));
  return isListed && (rule.resourceNames.length === 0 || rule.resourceNames.includes(name ?? ''));
}

function listCovers(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

function pathCovers(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}
