import type { KubernetesObject } from './meta.ts';
import type { Resource } from './resource.ts';

/** Kubernetes' own kinds, as far as Muster itself reads and writes them. */
export interface Secret extends KubernetesObject {
  type?: string;
  /** Values in base64. */
  data?: Record<string, string>;
}

export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

export const namespaces: Resource<KubernetesObject> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

export const secrets: Resource<Secret> = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

export const configMaps: Resource<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

/** Where Muster keeps its own objects: join tokens, inventories, leases. */
export const systemNamespace = 'muster-system';
export const defaultNamespace = 'default';
