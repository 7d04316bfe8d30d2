import { scaleSchema } from '../parts/scale.ts';
import { certificateRequestSchema } from '../parts/certificate-request.ts';
import { tokenRequestSchema } from '../parts/token-request.ts';
import { objectMetaSchema } from '../schema/builtin/object-meta-schema.ts';
import { field } from '../schema/builtin/schema-parts.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';
import { metaTypes } from './schema-names.ts';

const typeMeta = {
  apiVersion: field.text('Group and version of the schema that the object follows.'),
  kind: field.text('The kind of the object.'),
};

const listMeta = field.object('Metadata of a list.', {
  resourceVersion: field.text('The state of the cluster that the list shows; a watch can go on from there.'),
  continue: field.text('Fetches the rest of the list, when there is more.'),
  remainingItemCount: field.integer('How many items follow.', 'int64'),
  selfLink: field.text('No longer set.'),
});

const cause = field.object('One problem of a refused request.', {
  reason: field.text('What is wrong, as one word.'),
  message: field.text('What is wrong, for people.'),
  field: field.text('The field that is wrong.'),
});

const status = field.object('The answer to a request that has no object to answer with.', {
  ...typeMeta,
  metadata: listMeta,
  status: field.text('Success or Failure.'),
  message: field.text('What happened, for people.'),
  reason: field.text('Why, as one word.'),
  code: field.integer('The HTTP status.'),
  details: field.object('What the answer is about.', {
    name: field.text('Name of the object.'),
    group: field.text('Group of the object.'),
    kind: field.text('Kind of the object, or its plural.'),
    uid: field.text('UID of the object.'),
    retryAfterSeconds: field.integer('When trying again makes sense.'),
    causes: field.list('The problems, one by one.', cause),
  }),
});

const deleteOptions = field.object('How to delete.', {
  ...typeMeta,
  dryRun: field.texts('"All": check everything, delete nothing.'),
  gracePeriodSeconds: field.integer('Seconds the object has to end in good order.', 'int64'),
  orphanDependents: field.flag('The old form of propagationPolicy Orphan.'),
  preconditions: field.object('Delete only what is meant.', {
    uid: field.text('The UID that the object must have.'),
    resourceVersion: field.text('The version that the object must have.'),
  }),
  propagationPolicy: field.text(
    'Background, Foreground or Orphan: what becomes of objects that belong to it.',
  ),
});

/** The shared types, under the names by which schemas point to them. */
export const metaSchemas: Readonly<Record<string, OpenApiSchema>> = {
  [metaTypes.deleteOptions]: deleteOptions,
  [metaTypes.listMeta]: listMeta,
  [metaTypes.objectMeta]: objectMetaSchema,
  [metaTypes.patch]: field.object('A change of an object, in one of the patch formats.', {}),
  [metaTypes.scale]: {
    ...scaleSchema,
    'x-kubernetes-group-version-kind': [{ group: 'autoscaling', version: 'v1', kind: 'Scale' }],
  },
  [metaTypes.tokenRequest]: {
    ...tokenRequestSchema,
    'x-kubernetes-group-version-kind': [
      { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    ],
  },
  [metaTypes.certificateRequest]: {
    ...certificateRequestSchema,
    'x-kubernetes-group-version-kind': [
      { group: 'muster.dev', version: 'v1alpha1', kind: 'CertificateRequest' },
    ],
  },
  [metaTypes.status]: {
    ...status,
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Status' }],
  },
};
