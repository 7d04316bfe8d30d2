import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject, ownProperty } from '../json-object.ts';
import { builtInKind } from './built-in-kind.ts';
import { asOne, field, labelSelectorSchema, resourceSchema } from './schema-parts.ts';

const group = 'rbac.authorization.k8s.io';
const version = 'v1';

const rule = field.object(
  'What may be done to what.',
  {
    verbs: field.texts(
      'What may be done: get, list, watch, create, update, patch, delete, ..., or * for all.',
    ),
    apiGroups: field.texts('The groups of the resources; "" is the core group, * is all.'),
    resources: field.texts('The resources, as plural or plural/sub-resource; * is all.'),
    resourceNames: field.texts('Limits the rule to objects of these names.'),
    nonResourceURLs: field.texts(
      'Paths outside the resources, in a ClusterRole only; a final * matches any rest.',
    ),
  },
  'verbs',
);
const rules = {
  ...field.list('What may be done. Nothing is ever forbidden by a rule.', rule),
  nullable: true,
};

const subjects = field.list(
  'Who gets the rights.',
  field.object(
    'A user, a group or a service account.',
    {
      kind: field.text('User, Group or ServiceAccount.'),
      apiGroup: field.text('rbac.authorization.k8s.io for users and groups, empty for service accounts.'),
      name: field.text('Name of the user, the group or the service account.'),
      namespace: field.text('Namespace of the service account.'),
    },
    'kind',
    'name',
  ),
);
const roleRef = asOne(
  field.object(
    'The role whose rights are given; it cannot be changed.',
    {
      apiGroup: field.text('Always rbac.authorization.k8s.io.'),
      kind: field.text('Role or ClusterRole.'),
      name: field.text('Name of the role.'),
    },
    'kind',
    'name',
  ),
);

export const rbacKinds = [
  builtInKind({
    group,
    version,
    kind: 'Role',
    plural: 'roles',
    namespaced: true,
    nameRule: 'path-segment',
    schema: resourceSchema('Rights in one namespace.', { rules }),
    validateMore: (object) => checkRules(object, true),
  }),
  builtInKind({
    group,
    version,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    namespaced: false,
    nameRule: 'path-segment',
    schema: resourceSchema(
      'Rights in the whole cluster, or in whichever namespace a RoleBinding gives them.',
      {
        rules,
        aggregationRule: field.object('Builds the rules from other ClusterRoles.', {
          clusterRoleSelectors: field.list('Choose the other ClusterRoles by labels.', labelSelectorSchema),
        }),
      },
    ),
    validateMore: (object) => checkRules(object, false),
  }),
  builtInKind({
    group,
    version,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    namespaced: true,
    nameRule: 'path-segment',
    schema: resourceSchema('Gives the rights of a role in one namespace.', { subjects, roleRef }, 'roleRef'),
    prepare: fillApiGroups,
    validateMore: (object, stored) => checkBinding(object, stored, ['Role', 'ClusterRole']),
  }),
  builtInKind({
    group,
    version,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    nameRule: 'path-segment',
    schema: resourceSchema(
      'Gives the rights of a ClusterRole in the whole cluster.',
      { subjects, roleRef },
      'roleRef',
    ),
    prepare: fillApiGroups,
    validateMore: (object, stored) => checkBinding(object, stored, ['ClusterRole']),
  }),
];

/** Clients may leave the group out where only one is possible. */
function fillApiGroups(object: JsonObject): JsonObject {
  const [reference, bound] = [ownProperty(object, 'roleRef'), ownProperty(object, 'subjects')];
  return {
    ...object,
    ...(isJsonObject(reference)
      ? { roleRef: { ...reference, apiGroup: textOr(reference['apiGroup'], group) } }
      : {}),
    ...(Array.isArray(bound) ? { subjects: bound.map(fillSubject) } : {}),
  };
}

function fillSubject(subject: unknown): unknown {
  if (!isJsonObject(subject)) return subject;
  const isAccount = subject['kind'] === 'ServiceAccount';
  if (isAccount) return subject;
  return { ...subject, apiGroup: textOr(subject['apiGroup'], group) };
}

function checkRules(object: JsonObject, isNamespaced: boolean): StatusCause[] {
  const listed = ownProperty(object, 'rules');
  if (!Array.isArray(listed)) return [];
  return listed
    .filter(isJsonObject)
    .flatMap((entry, index) => checkRule(entry, `rules[${index}]`, isNamespaced));
}

function checkRule(entry: JsonObject, path: string, isNamespaced: boolean): StatusCause[] {
  const noVerbs = isEmpty(entry['verbs'])
    ? [fieldCause.required(`${path}.verbs`, 'verbs must contain at least one value')]
    : [];
  if (!isEmpty(entry['nonResourceURLs'])) {
    const detail = 'namespaced rules cannot apply to non-resource URLs';
    const urls = entry['nonResourceURLs'];
    return [
      ...noVerbs,
      ...(isNamespaced ? [fieldCause.invalid(`${path}.nonResourceURLs`, urls, detail)] : []),
    ];
  }
  const missing = [
    ['apiGroups', 'resource rules must supply at least one api group'],
    ['resources', 'resource rules must supply at least one resource'],
  ] as const;
  return [
    ...noVerbs,
    ...missing
      .filter(([key]) => isEmpty(entry[key]))
      .map(([key, detail]) => fieldCause.required(`${path}.${key}`, detail)),
  ];
}

function checkBinding(
  object: JsonObject,
  stored: JsonObject | undefined,
  kinds: readonly string[],
): StatusCause[] {
  const reference = ownProperty(object, 'roleRef');
  const bound = ownProperty(object, 'subjects');
  const isChanged = stored !== undefined && !isDeepStrictEqual(ownProperty(stored, 'roleRef'), reference);
  return [
    ...(isChanged ? [fieldCause.invalid('roleRef', reference, 'cannot change roleRef')] : []),
    ...(isJsonObject(reference) ? checkRoleRef(reference, kinds) : []),
    ...(Array.isArray(bound) ? bound : [])
      .filter(isJsonObject)
      .flatMap((subject, index) => checkSubject(subject, `subjects[${index}]`)),
  ];
}

function checkRoleRef(reference: JsonObject, kinds: readonly string[]): StatusCause[] {
  const { apiGroup, kind, name } = reference;
  return [
    ...(apiGroup === group ? [] : [fieldCause.notSupported('roleRef.apiGroup', apiGroup, [group])]),
    ...(kinds.includes(String(kind)) ? [] : [fieldCause.notSupported('roleRef.kind', kind, kinds)]),
    ...(textOr(name, '') === '' ? [fieldCause.required('roleRef.name')] : []),
  ];
}

function checkSubject(subject: JsonObject, path: string): StatusCause[] {
  const { kind, name, namespace, apiGroup } = subject;
  const kinds = ['ServiceAccount', 'User', 'Group'];
  const wanted = kind === 'ServiceAccount' ? '' : group;
  return [
    ...(textOr(name, '') === '' ? [fieldCause.required(`${path}.name`)] : []),
    ...(kinds.includes(String(kind)) ? [] : [fieldCause.notSupported(`${path}.kind`, kind, kinds)]),
    ...(textOr(apiGroup, '') === wanted
      ? []
      : [fieldCause.notSupported(`${path}.apiGroup`, apiGroup, [wanted])]),
    ...(kind === 'ServiceAccount' && textOr(namespace, '') === ''
      ? [fieldCause.required(`${path}.namespace`)]
      : []),
  ];
}

function isEmpty(value: unknown): boolean {
  return !Array.isArray(value) || value.length === 0;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
