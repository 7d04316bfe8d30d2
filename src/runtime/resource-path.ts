import type { KubernetesObject } from '../api/meta.ts';
import type { Resource } from '../api/resource.ts';

/** The path of an object, or of the collection when there is no name; all namespaces when there is none. */
export function resourcePath<T extends KubernetesObject>(
  { apiVersion, plural, namespaced }: Resource<T>,
  { name, namespace }: { readonly name?: string; readonly namespace?: string },
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const last = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${plural}${last}`;
}
