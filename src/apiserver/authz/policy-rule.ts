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

/** Which of the wanted rights no held rule gives, each broken down to one verb on one thing. */
export function findUncovered(
  wanted: readonly PolicyRule[],
  held: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !held.some((rule) => coversSingle(rule, single)));
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const nothing = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  const resourceNames = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
  const things = [
    ...rule.nonResourceURLs.map((url) => ({ ...nothing, nonResourceURLs: [url] })),
    ...rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        resourceNames.map((names) => ({
          ...nothing,
          ...{ apiGroups: [group], resources: [resource], resourceNames: names },
        })),
      ),
    ),
  ];
  return rule.verbs.flatMap((verb) => things.map((thing) => ({ ...thing, verbs: [verb] })));
}

function coversSingle(held: PolicyRule, single: PolicyRule): boolean {
  const [verb = ''] = single.verbs;
  const [url] = single.nonResourceURLs;
  if (!listCovers(held.verbs, verb)) return false;
  if (url !== undefined) {
    return held.nonResourceURLs.some((pattern) => pattern === url || pathCovers(pattern, url));
  }
  const [[group = ''], [resource = ''], [name]] = [single.apiGroups, single.resources, single.resourceNames];
  const subresource = resource.split('/')[1];
  const hasResource =
    listCovers(held.resources, resource) ||
    (subresource !== undefined && held.resources.includes(`*/${subresource}`));
  if (!listCovers(held.apiGroups, group) || !hasResource) return false;
  return held.resourceNames.length === 0 || (name !== undefined && held.resourceNames.includes(name));
}
