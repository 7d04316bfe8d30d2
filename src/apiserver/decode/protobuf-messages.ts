import { definitionMessages } from './definition-messages.ts';

export interface Field {
  readonly name: string;
  /** A scalar type, or the name of another message in the table. */
  readonly type: string;
  readonly isRepeated: boolean;
  /** Repeated entries of a key and a value, which JSON shows as an object. */
  readonly isMap: boolean;
}

export type MessageTable = Readonly<Record<string, Readonly<Record<number, Field>>>>;

// One line a message: field number, name and type; `[]` marks repeated fields, `{}` maps of messages. The numbers are Kubernetes' own.
const definitions: Readonly<Record<string, string>> = {
  ...definitionMessages,
  Unknown: '1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string',
  TypeMeta: '1 apiVersion string, 2 kind string',
  MapEntry: '1 key string, 2 value string',
  BytesMapEntry: '1 key string, 2 value bytes',
  Time: '1 seconds int, 2 nanos int',
  ObjectMeta:
    '1 name string, 2 generateName string, 3 namespace string, 5 uid string, 6 resourceVersion string, ' +
    '7 generation int, 8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds int, ' +
    '11 labels map, 12 annotations map, 13 ownerReferences OwnerReference[], 14 finalizers string[]',
  OwnerReference:
    '1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, ' +
    '7 blockOwnerDeletion bool',
  DeleteOptions:
    '1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, ' +
    '4 propagationPolicy string, 5 dryRun string[]',
  Preconditions: '1 uid string, 2 resourceVersion string',
  Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
  NamespaceSpec: '1 finalizers string[]',
  NamespaceStatus: '1 phase string',
  ConfigMap: '1 metadata ObjectMeta, 2 data map, 3 binaryData bytesMap, 4 immutable bool',
  Secret: '1 metadata ObjectMeta, 2 data bytesMap, 3 type string, 4 stringData map, 5 immutable bool',
  Event:
    '1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason string, 4 message string, ' +
    '5 source EventSource, 6 firstTimestamp time, 7 lastTimestamp time, 8 count int, 9 type string, ' +
    '10 eventTime microTime, 11 series EventSeries, 12 action string, 13 related ObjectReference, ' +
    '14 reportingComponent string, 15 reportingInstance string',
  NewEvent:
    '1 metadata ObjectMeta, 2 eventTime microTime, 3 series EventSeries, 4 reportingController string, ' +
    '5 reportingInstance string, 6 action string, 7 reason string, 8 regarding ObjectReference, ' +
    '9 related ObjectReference, 10 note string, 11 type string, 12 deprecatedSource EventSource, ' +
    '13 deprecatedFirstTimestamp time, 14 deprecatedLastTimestamp time, 15 deprecatedCount int',
  Scale: '1 metadata ObjectMeta, 2 spec ScaleSpec, 3 status ScaleStatus',
  ScaleSpec: '1 replicas int',
  ScaleStatus: '1 replicas int, 2 selector string',
  ObjectReference:
    '1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, ' +
    '6 resourceVersion string, 7 fieldPath string',
  EventSource: '1 component string, 2 host string',
  EventSeries: '1 count int, 2 lastObservedTime microTime',
  Lease: '1 metadata ObjectMeta, 2 spec LeaseSpec',
  LeaseSpec:
    '1 holderIdentity string, 2 leaseDurationSeconds int, 3 acquireTime microTime, 4 renewTime microTime, ' +
    '5 leaseTransitions int, 6 strategy string, 7 preferredHolder string',
  Role: '1 metadata ObjectMeta, 2 rules PolicyRule[]',
  ClusterRole: '1 metadata ObjectMeta, 2 rules PolicyRule[], 3 aggregationRule AggregationRule',
  AggregationRule: '1 clusterRoleSelectors LabelSelector[]',
  LabelSelector: '1 matchLabels map, 2 matchExpressions LabelSelectorRequirement[]',
  LabelSelectorRequirement: '1 key string, 2 operator string, 3 values string[]',
  PolicyRule:
    '1 verbs string[], 2 apiGroups string[], 3 resources string[], 4 resourceNames string[], ' +
    '5 nonResourceURLs string[]',
  RoleBinding: '1 metadata ObjectMeta, 2 subjects Subject[], 3 roleRef RoleRef',
  RoleRef: '1 apiGroup string, 2 kind string, 3 name string',
  Subject: '1 kind string, 2 apiGroup string, 3 name string, 4 namespace string',
  SelfSubjectAccessReview: '1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec',
  SelfSubjectAccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
  ResourceAttributes:
    '1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, ' +
    '6 subresource string, 7 name string',
  NonResourceAttributes: '1 path string, 2 verb string',
  SelfSubjectRulesReview: '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec',
  SelfSubjectRulesReviewSpec: '1 namespace string',
  SelfSubjectReview: '1 metadata ObjectMeta',
  ServiceAccount:
    '1 metadata ObjectMeta, 2 secrets ObjectReference[], 3 imagePullSecrets LocalObjectReference[], ' +
    '4 automountServiceAccountToken bool',
  LocalObjectReference: '1 name string',
  TokenRequest: '1 metadata ObjectMeta, 2 spec TokenRequestSpec',
  TokenRequestSpec: '1 audiences string[], 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int',
  BoundObjectReference: '1 kind string, 2 apiVersion string, 3 name string, 4 uid string',
  TokenReview: '1 metadata ObjectMeta, 2 spec TokenReviewSpec',
  TokenReviewSpec: '1 token string, 2 audiences string[]',
  SubjectAccessReview: '1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec',
  LocalSubjectAccessReview: '1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec',
  SubjectAccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes, 3 user string, ' +
    '4 groups string[], 6 uid string',
};

export const messages: MessageTable = Object.fromEntries(
  Object.entries(definitions).map(([name, definition]) => [name, parseFields(definition)]),
);

/** Which message a body holds, by kind; ClusterRoleBinding has the layout of RoleBinding. */
export const rootMessages: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    [
      ...['ConfigMap', 'DeleteOptions', 'Event', 'Lease', 'Namespace', 'Secret', 'ServiceAccount'],
      ...['ClusterRole', 'CustomResourceDefinition', 'Role', 'RoleBinding'],
      ...['SelfSubjectAccessReview', 'SelfSubjectReview', 'SelfSubjectRulesReview'],
      ...['LocalSubjectAccessReview', 'SubjectAccessReview', 'TokenRequest', 'TokenReview'],
    ].map((kind) => [kind, kind]),
  ),
  ClusterRoleBinding: 'RoleBinding',
  'autoscaling/v1/Scale': 'Scale',
  'events.k8s.io/v1/Event': 'NewEvent',
};

function parseFields(definition: string): Readonly<Record<number, Field>> {
  return Object.fromEntries(
    definition.split(', ').map((entry) => {
      const [number, name = '', type = ''] = entry.split(' ');
      const bare = type.replace(/\[\]$|\{\}$/u, '');
      const isMap = type.endsWith('{}') || type === 'map' || type === 'bytesMap';
      return [Number(number), { name, type: bare, isRepeated: type.endsWith('[]'), isMap }];
    }),
  );
}
