import type { OpenApiSchema } from '../open-api-schema.ts';

const text = (description: string): OpenApiSchema => ({ type: 'string', description });
const time = (description: string): OpenApiSchema => ({ type: 'string', format: 'date-time', description });
const textMap = (description: string): OpenApiSchema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
});

const ownerReference: OpenApiSchema = {
  type: 'object',
  description: 'Names an object that this one belongs to, and with which it is deleted.',
  required: ['apiVersion', 'kind', 'name', 'uid'],
  'x-kubernetes-map-type': 'atomic',
  properties: {
    apiVersion: text('Group and version of the owner.'),
    kind: text('Kind of the owner.'),
    name: text('Name of the owner.'),
    uid: text('UID of the owner, so that a namesake made later is not taken for it.'),
    controller: { type: 'boolean', description: 'Whether the owner is the one that manages this object.' },
    blockOwnerDeletion: {
      type: 'boolean',
      description: 'Whether a foreground deletion of the owner waits for this object.',
    },
  },
};

const managedFieldsEntry: OpenApiSchema = {
  type: 'object',
  description: 'The fields that one manager has set.',
  properties: {
    manager: text('Who set the fields.'),
    operation: text('Apply, or Update for every other way of writing.'),
    apiVersion: text('The version in which the fields are written.'),
    time: time('When the entry last changed.'),
    fieldsType: text('Form of the field list; always FieldsV1.'),
    fieldsV1: {
      type: 'object',
      description: 'The tree of fields.',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    subresource: text('The sub-resource through which the fields were set, if any.'),
  },
};

/** Metadata that every object carries. */
export const objectMetaSchema: OpenApiSchema = {
  type: 'object',
  description: 'Standard metadata of the object.',
  properties: {
    name: text('Name of the object, unique for its kind and namespace; it cannot be changed.'),
    generateName: text('Start of a name that the server completes, used when no name is given.'),
    namespace: text('Namespace that the object is in; empty for cluster-scoped kinds.'),
    selfLink: text('No longer set.'),
    uid: text('Identity of the object, set by the server; no other object ever has it.'),
    resourceVersion: text('Version of the stored object, for optimistic locking and watches.'),
    generation: {
      type: 'integer',
      format: 'int64',
      description: 'Counts the changes of what is wanted of the object; set by the server.',
    },
    creationTimestamp: time('When the object was created; set by the server.'),
    deletionTimestamp: time('When the deletion was asked for; the object goes when its finalizers are gone.'),
    deletionGracePeriodSeconds: {
      type: 'integer',
      format: 'int64',
      description: 'Seconds the object has to end in good order once it is deleted.',
    },
    labels: textMap('Short keys and values to select objects by.'),
    annotations: textMap('Further keys and values for tools and people; they cannot be selected by.'),
    ownerReferences: {
      type: 'array',
      description: 'Objects that this one belongs to. When all of them are gone, it is deleted.',
      items: ownerReference,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
    },
    finalizers: {
      type: 'array',
      description: 'What must be done before the object may go; each owner takes its own entry away.',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
    },
    managedFields: {
      type: 'array',
      description: 'Which manager set which fields; kept by the server.',
      items: managedFieldsEntry,
      'x-kubernetes-list-type': 'atomic',
    },
  },
};
