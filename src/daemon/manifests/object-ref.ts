import type { KubernetesObject } from '../../api/meta.ts';

/** Names an object of any kind. Also the form in which an inventory keeps it. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** The version is left out: another version of a kind shows the same object. */
export function formatRef({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${kind}.${group}/${namespace ?? ''}/${name}`;
}

/** For people: `Instance default/web`. */
export function describeRef({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

// What others refer to comes first; whatever is not listed comes between the settings and the instances.
const order = [
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Cluster',
  'Secret',
  'ConfigMap',
  'ClusterGroup',
  'StoragePool',
  'Network',
  'Profile',
  'PlacementGroup',
  'Image',
  '',
  'Instance',
];

/** Sorts what is needed before what needs it; names decide among equals. */
export function compareByDependency(left: ObjectRef, right: ObjectRef): number {
  return rankOf(left) - rankOf(right) || compareText(formatRef(left), formatRef(right));
}

function rankOf({ kind }: ObjectRef): number {
  const rank = order.indexOf(kind);
  return rank < 0 ? order.indexOf('') : rank;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
