import type { DiscoveredKind, DiscoveredResource, DiscoveredVersion } from './resource-list.ts';

/** The documents of `/api` and `/apis`, in the old form and in the aggregated one. */
export function buildApiVersions(serverAddress: string): object {
  const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses };
}

export function buildGroupList(versions: readonly DiscoveredVersion[]): object {
  const groups = groupNames(versions).map((group) => buildGroup(versions, group));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** Undefined when the group is not served. */
export function findGroup(versions: readonly DiscoveredVersion[], group: string): object | undefined {
  if (group === '' || !groupNames(versions).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...buildGroup(versions, group) };
}

function groupNames(versions: readonly DiscoveredVersion[]): string[] {
  return [...new Set(versions.map(({ group }) => group))].filter((group) => group !== '');
}

function buildGroup(versions: readonly DiscoveredVersion[], name: string): object {
  const entries = versions
    .filter(({ group }) => group === name)
    .map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

export function findResourceList(
  versions: readonly DiscoveredVersion[],
  group: string,
  version: string,
): object | undefined {
  const found = versions.find((candidate) => candidate.group === group && candidate.version === version);
  if (found === undefined) return undefined;
  const resources = found.kinds.flatMap(({ subresources, ...kind }) => [kind, ...subresources]);
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

/** `isCore` chooses between what `/api` and `/apis` answer. */
export function buildAggregated(
  versions: readonly DiscoveredVersion[],
  discoveryVersion: string,
  isCore: boolean,
): object {
  const groups = Map.groupBy(
    versions.filter(({ group }) => (group === '') === isCore),
    ({ group }) => group,
  );
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${discoveryVersion}`,
    metadata: {},
    items: [...groups].map(([name, members]) => ({
      metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
      versions: members.map(({ group, version, kinds }) => ({
        version,
        freshness: 'Current',
        resources: kinds.map((kind) => buildAggregatedKind(kind, { group, version })),
      })),
    })),
  };
}

type GroupVersion = Pick<DiscoveredVersion, 'group' | 'version'>;

function buildAggregatedKind(kind: DiscoveredKind, { group, version }: GroupVersion): object {
  const responseKind = (resource: DiscoveredResource): object => ({
    group: resource.group ?? group,
    version: resource.version ?? version,
    kind: resource.kind,
  });
  return {
    resource: kind.name,
    responseKind: responseKind(kind),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singularName,
    verbs: kind.verbs,
    ...(kind.shortNames === undefined ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories === undefined ? {} : { categories: kind.categories }),
    ...(kind.subresources.length === 0
      ? {}
      : {
          subresources: kind.subresources.map((part) => ({
            subresource: part.name.slice(kind.name.length + 1),
            responseKind: responseKind(part),
            verbs: part.verbs,
          })),
        }),
  };
}
