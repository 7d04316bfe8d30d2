import type { OpenApiSchema } from '../open-api-schema.ts';
import { builtInKind } from './built-in-kind.ts';
import { field, resourceSchema } from './schema-parts.ts';

const authorization = { group: 'authorization.k8s.io', version: 'v1' };

const resourceAttributes = field.object('A request for a resource.', {
  namespace: field.text('The namespace; empty for all, and for cluster-scoped kinds.'),
  verb: field.text('get, list, watch, create, update, patch, delete, ...'),
  group: field.text('The group of the resource; * is all.'),
  version: field.text('The version of the resource; * is all.'),
  resource: field.text('The plural of the kind; * is all.'),
  subresource: field.text('The sub-resource, if any.'),
  name: field.text('The name of the object; empty is all.'),
  fieldSelector: field.any('Limits the request to some objects.'),
  labelSelector: field.any('Limits the request to some objects.'),
});
const nonResourceAttributes = field.object('A request for a path that is no resource.', {
  path: field.text('The path.'),
  verb: field.text('The HTTP method, in lower case.'),
});
const accessStatus = field.object(
  'The answer.',
  {
    allowed: field.flag('Whether the request would be allowed.'),
    denied: field.flag('Whether it would be denied whatever else allows it.'),
    reason: field.text('Why.'),
    evaluationError: field.text('What went wrong while looking; the answer may still stand.'),
  },
  'allowed',
);
const subject: Readonly<Record<string, OpenApiSchema>> = {
  user: field.text('The user who would ask.'),
  groups: field.texts('The groups of the user.'),
  uid: field.text('Further identity of the user.'),
  extra: field.any('Further facts about the user.'),
};

function accessReview(kind: string, plural: string, namespaced: boolean, fields: typeof subject) {
  const spec = field.object('The question.', { resourceAttributes, nonResourceAttributes, ...fields });
  return builtInKind({
    ...authorization,
    kind,
    plural,
    namespaced,
    schema: resourceSchema(
      'Asks whether a request would be allowed.',
      { spec, status: accessStatus },
      'spec',
    ),
  });
}

const rules = field.list('Rules.', field.any('One rule.'));

const userInfo = field.object('The user.', {
  username: field.text('The name of the user.'),
  uid: field.text('Further identity of the user.'),
  groups: field.texts('The groups of the user.'),
  extra: field.any('Further facts about the user.'),
});

/** Questions in the form of objects: they can be created, are answered at once, and are never stored. */
export const reviewKinds = [
  accessReview('SelfSubjectAccessReview', 'selfsubjectaccessreviews', false, {}),
  accessReview('SubjectAccessReview', 'subjectaccessreviews', false, subject),
  accessReview('LocalSubjectAccessReview', 'localsubjectaccessreviews', true, subject),
  builtInKind({
    ...authorization,
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    namespaced: false,
    schema: resourceSchema(
      'Asks what the one who asks may do in a namespace.',
      {
        spec: field.object('The question.', { namespace: field.text('The namespace.') }),
        status: field.object('The answer.', {
          resourceRules: rules,
          nonResourceRules: rules,
          incomplete: field.flag('Whether there may be more rights than are listed.'),
          evaluationError: field.text('What went wrong while looking.'),
        }),
      },
      'spec',
    ),
  }),
  builtInKind({
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    namespaced: false,
    schema: resourceSchema('Asks who the one who asks is.', {
      status: field.object('The answer.', {
        userInfo,
      }),
    }),
  }),
  builtInKind({
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenReview',
    plural: 'tokenreviews',
    namespaced: false,
    schema: resourceSchema(
      'Asks whom a token stands for.',
      {
        spec: field.object('The question.', {
          token: field.text('The token.'),
          audiences: field.texts('For whom it has to be; the API server itself where nothing is said.'),
        }),
        status: field.object('The answer.', {
          authenticated: field.flag('Whether it is good.'),
          user: userInfo,
          audiences: field.texts('Those of the question that it is for.'),
          error: field.text('Why it is not good.'),
        }),
      },
      'spec',
    ),
  }),
];
