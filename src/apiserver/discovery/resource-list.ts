import type { PartDocument } from '../parts/object-part.ts';
import { partsOf } from '../parts/object-parts.ts';
import { isReview } from '../reviews/answer-review.ts';
import type { KindRegistry } from '../registry/kind-registry.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import type { Subresource } from '../verbs/subresource.ts';

/** One line of discovery: a kind, or a sub-resource of it. */
export interface DiscoveredResource {
  /** The plural, or `plural/subresource`. */
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  /** Where the kind is of another group than the resource. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface DiscoveredVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly DiscoveredKind[];
}

export interface DiscoveredKind extends DiscoveredResource {
  readonly subresources: readonly DiscoveredResource[];
}

const storedVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** All versions in the order of the registry: the first of each group is the preferred one. */
export function discoverVersions(
  registry: KindRegistry,
  subresources: readonly Subresource[],
): readonly DiscoveredVersion[] {
  const versions = Map.groupBy(registry.list(), ({ apiVersion }) => apiVersion);
  return [...versions.values()].flatMap((kinds) => {
    const served = kinds[0]?.served;
    if (served === undefined) return [];
    const discovered = kinds.map((kind) => discoverKind(kind, subresources));
    return [{ group: served.group, version: served.version, kinds: discovered }];
  });
}

function discoverKind(kind: ResourceKind, subresources: readonly Subresource[]): DiscoveredKind {
  const { plural, singular, namespaced, kind: name, shortNames, categories, group } = kind.served;
  const describe = (
    subresource: string,
    verbs: readonly string[],
    document?: PartDocument,
  ): DiscoveredResource => ({
    name: `${plural}/${subresource}`,
    singularName: '',
    namespaced,
    ...(document === undefined ? {} : { group: document.group, version: document.version }),
    kind: document?.kind ?? name,
    verbs,
  });
  const others = subresources.filter((candidate) => candidate.group === group && candidate.plural === plural);
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind: name,
    verbs: isReview(kind) ? ['create'] : storedVerbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    subresources: [
      ...partsOf(kind.served).map((part) => describe(part.name, part.verbs, part.document)),
      ...others.map((other) => describe(other.name, other.verbs)),
    ],
  };
}
