import type { Condition, KubernetesObject } from './meta.ts';
import type { Resource } from './resource.ts';

export interface Namespace extends KubernetesObject {
  spec?: { finalizers?: string[] | undefined } | undefined;
  status?: { phase?: 'Active' | 'Terminating' | undefined; conditions?: Condition[] | undefined } | undefined;
}

export interface ObjectReference {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  fieldPath?: string | undefined;
}

/** core/v1: what `kubectl describe` and `kubectl events` show. */
export interface Event extends KubernetesObject {
  involvedObject: ObjectReference;
  type?: 'Normal' | 'Warning' | undefined;
  reason?: string | undefined;
  message?: string | undefined;
  count?: number | undefined;
  firstTimestamp?: string | undefined;
  lastTimestamp?: string | undefined;
  eventTime?: string | null | undefined;
  action?: string | undefined;
  source?: { component?: string | undefined; host?: string | undefined } | undefined;
  reportingComponent?: string | undefined;
  reportingInstance?: string | undefined;
}

/** The values of `data` are base64. */
export interface Secret extends KubernetesObject {
  type?: string | undefined;
  immutable?: boolean | undefined;
  data?: Record<string, string> | undefined;
  /** Accepted on writing and turned into `data`; never read back. */
  stringData?: Record<string, string> | undefined;
}

export interface ConfigMap extends KubernetesObject {
  immutable?: boolean | undefined;
  data?: Record<string, string> | undefined;
  binaryData?: Record<string, string> | undefined;
}

export interface Lease extends KubernetesObject {
  spec?: LeaseSpec | undefined;
}

/** Times carry microseconds. */
export interface LeaseSpec {
  holderIdentity?: string | undefined;
  leaseDurationSeconds?: number | undefined;
  acquireTime?: string | undefined;
  renewTime?: string | undefined;
  leaseTransitions?: number | undefined;
}

export interface CustomResourceDefinition extends KubernetesObject {
  spec: CustomResourceDefinitionSpec;
  status?: CustomResourceDefinitionStatus | undefined;
}

export interface CustomResourceDefinitionSpec {
  group: string;
  names: CustomResourceDefinitionNames;
  scope: 'Cluster' | 'Namespaced';
  versions: CustomResourceDefinitionVersion[];
}

export interface CustomResourceDefinitionNames {
  kind: string;
  plural: string;
  singular?: string | undefined;
  listKind?: string | undefined;
  shortNames?: string[] | undefined;
  categories?: string[] | undefined;
}

export interface CustomResourceDefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean | undefined;
  schema?: { openAPIV3Schema?: object | undefined } | undefined;
  subresources?: { status?: object | undefined; scale?: object | undefined } | undefined;
  additionalPrinterColumns?: object[] | undefined;
  selectableFields?: { jsonPath: string }[] | undefined;
}

export interface CustomResourceDefinitionStatus {
  acceptedNames?: CustomResourceDefinitionNames | undefined;
  conditions?: Condition[] | undefined;
  storedVersions?: string[] | undefined;
}

export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[] | undefined;
  resources?: string[] | undefined;
  resourceNames?: string[] | undefined;
  nonResourceURLs?: string[] | undefined;
}

export interface Role extends KubernetesObject {
  rules?: PolicyRule[] | undefined;
}

export interface ClusterRole extends Role {
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] | undefined } | undefined;
}

export interface LabelSelector {
  matchLabels?: Record<string, string> | undefined;
  matchExpressions?: { key: string; operator: string; values?: string[] | undefined }[] | undefined;
}

export interface RoleBinding extends KubernetesObject {
  subjects?: RbacSubject[] | undefined;
  roleRef: { apiGroup: string; kind: 'ClusterRole' | 'Role'; name: string };
}

export interface RbacSubject {
  kind: 'Group' | 'ServiceAccount' | 'User';
  name: string;
  apiGroup?: string | undefined;
  namespace?: string | undefined;
}

export const namespaces = define<Namespace>('v1', 'Namespace', 'namespaces', false);
export const events = define<Event>('v1', 'Event', 'events', true);
export const secrets = define<Secret>('v1', 'Secret', 'secrets', true);
export const configMaps = define<ConfigMap>('v1', 'ConfigMap', 'configmaps', true);
export const leases = define<Lease>('coordination.k8s.io/v1', 'Lease', 'leases', true);
export const customResourceDefinitions = define<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);

const rbac = 'rbac.authorization.k8s.io/v1';
export const clusterRoles = define<ClusterRole>(rbac, 'ClusterRole', 'clusterroles', false);
export const clusterRoleBindings = define<RoleBinding>(
  rbac,
  'ClusterRoleBinding',
  'clusterrolebindings',
  false,
);
export const roles = define<Role>(rbac, 'Role', 'roles', true);
export const roleBindings = define<RoleBinding>(rbac, 'RoleBinding', 'rolebindings', true);

function define<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  namespaced: boolean,
): Resource<T> {
  return { apiVersion, kind, plural, namespaced };
}
