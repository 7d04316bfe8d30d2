import type { KubernetesObject } from './meta.ts';

/** Where a kind lives in the API. `T` is the object's type; it exists for the compiler only. */
export interface Resource<T extends KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly __object?: T;
}

/** Names one object; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectName {
  readonly name: string;
  readonly namespace?: string;
}

/** `namespace/name`, or `name` for cluster-scoped kinds: the form of work-queue keys. */
export function formatKey({ name, namespace }: ObjectName): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function parseKey(key: string): ObjectName {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function keyOf(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return formatKey(namespace === undefined ? { name } : { name, namespace });
}
