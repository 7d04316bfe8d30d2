import { namespaces } from '../../api/builtin.ts';
import { clusters, networks, profiles, storagePools } from '../../api/generated/resources.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { Resource } from '../../api/resource.ts';

const made: readonly Resource<KubernetesObject>[] = [
  clusters,
  namespaces,
  networks,
  profiles,
  storagePools,
] as readonly Resource<KubernetesObject>[]; // only the paths matter here

/** Where objects of a kind live that a preseed can make. */
export function resourceOf(kind: string): Resource<KubernetesObject> {
  const resource = made.find((one) => one.kind === kind);
  if (resource === undefined) throw new Error(`a preseed makes no ${kind}`);
  return resource;
}
