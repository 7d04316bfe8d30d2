import * as builtin from '../../api/builtin.ts';
import * as generated from '../../api/generated/resources.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { defaultNamespace } from '../../api/names.ts';
import type { Resource } from '../../api/resource.ts';
import type { ClusterReader } from '../../runtime/cluster-api.ts';
import type { ObjectRef } from './object-ref.ts';

/** Where the kinds of manifests live in the API; users' own kinds included. */
export interface Kinds {
  find(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): Resource<KubernetesObject> | undefined;
  /** Puts the default namespace where the kind needs one, and takes it away where it has none. */
  complete(object: KubernetesObject): KubernetesObject;
}

const known: readonly Resource<KubernetesObject>[] = [...Object.values(builtin), ...Object.values(generated)];

export async function readKinds(
  clusterApi: Pick<ClusterReader, 'list'>,
  signal: AbortSignal,
): Promise<Kinds> {
  const { items } = await clusterApi.list(builtin.customResourceDefinitions, {}, signal);
  const kinds = new Map(known.map((resource) => [formatKind(resource), resource]));
  for (const { spec } of items) {
    const { group, names, scope, versions } = spec;
    for (const { name, served } of versions) {
      const apiVersion = `${group}/${name}`;
      const { kind, plural } = names;
      const resource = { apiVersion, kind, plural, namespaced: scope === 'Namespaced' };
      if (served) kinds.set(formatKind(resource), resource);
    }
  }
  const find = (ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): Resource<KubernetesObject> | undefined =>
    kinds.get(formatKind(ref));
  return {
    find,
    complete(object) {
      const resource = find(object);
      if (resource === undefined) return object;
      const { namespace, ...metadata } = object.metadata;
      if (!resource.namespaced) return { ...object, metadata };
      return { ...object, metadata: { ...metadata, namespace: namespace ?? defaultNamespace } };
    },
  };
}

function formatKind({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  return `${apiVersion}/${kind}`;
}
