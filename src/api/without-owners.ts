import type { KubernetesObject } from './meta.ts';

/**
 * The object without `metadata.managedFields`. Who owns which field takes as much room as the object itself; no
 * decision asks for it, and people look for it least of all.
 */
export function withoutOwners<T extends KubernetesObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _owners, ...metadata } = object.metadata;
  return { ...object, metadata };
}
