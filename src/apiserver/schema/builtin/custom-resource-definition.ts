import { checkDefinition } from '../definition/check-definition.ts';
import { prepareDefinition } from '../definition/prepare-definition.ts';
import { builtInKind } from './built-in-kind.ts';
import { field, resourceSchema } from './schema-parts.ts';

const names = field.object(
  'How the kind is called.',
  {
    plural: field.text('The name in URLs, in lower case; the definition is called plural.group.'),
    singular: field.text(
      'The name for one object, in lower case; the kind in lower case where nothing is said.',
    ),
    kind: field.text('The kind, in CamelCase.'),
    listKind: field.text('The kind of a list of these objects; the kind and "List" where nothing is said.'),
    shortNames: field.texts('Short forms that people may type.'),
    categories: field.texts('Groups of kinds that the kind is listed with, such as "all".'),
  },
  'plural',
  'kind',
);

const column = field.object(
  'One column that is shown when objects are listed.',
  {
    name: field.text('The head of the column.'),
    type: field.text('string, integer, number, boolean or date.'),
    format: field.text('A closer description of the type.'),
    description: field.text('What the column shows.'),
    priority: field.integer('0 is always shown; columns above 0 only with -o wide.'),
    jsonPath: field.text('Where the value stands in the object.'),
  },
  'name',
  'type',
  'jsonPath',
);

const subresources = field.object('Parts of an object with an address of their own.', {
  status: {
    ...field.any('Present where the status is written apart from the rest.'),
    type: 'object',
    nullable: true,
  },
  scale: field.object(
    'Where the number of copies stands.',
    {
      specReplicasPath: field.text('Path of the number wanted.'),
      statusReplicasPath: field.text('Path of the number there is.'),
      labelSelectorPath: field.text('Path of the selector of the copies.'),
    },
    'specReplicasPath',
    'statusReplicasPath',
  ),
});

const version = field.object(
  'One version of the kind.',
  {
    name: field.text('The version, such as v1alpha1.'),
    served: field.flag('Whether the version can be used.'),
    storage: field.flag('Whether objects are stored in this version; true for exactly one.'),
    deprecated: field.flag('Whether clients are warned when they use the version.'),
    deprecationWarning: field.text('The warning.'),
    schema: field.object('What objects look like.', {
      openAPIV3Schema: {
        type: 'object',
        description: 'A structural OpenAPI v3 schema.',
        'x-kubernetes-preserve-unknown-fields': true,
      },
    }),
    subresources,
    additionalPrinterColumns: field.list('What is shown when objects are listed.', column),
    selectableFields: field.list(
      'Fields that objects may be selected by.',
      field.object('One field.', { jsonPath: field.text('Where the field stands.') }, 'jsonPath'),
    ),
  },
  'name',
  'served',
  'storage',
);

const condition = field.object(
  'One finding about the definition.',
  {
    type: field.text('Established, NamesAccepted, Terminating, ...'),
    status: field.text('True, False or Unknown.'),
    lastTransitionTime: field.time('When the status last changed.'),
    reason: field.text('The cause, as one word.'),
    message: field.text('The cause, for people.'),
  },
  'type',
  'status',
);

const conversion = field.object(
  'How objects get from one version to another.',
  {
    strategy: field.text('None: only apiVersion is rewritten.'),
    webhook: field.any('Not served.'),
  },
  'strategy',
);

export const customResourceDefinitionKind = builtInKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  hasGeneration: true,
  statusSubresource: true,
  schema: resourceSchema(
    'Defines a kind of objects that this API then serves.',
    {
      spec: field.object(
        'What the kind is.',
        {
          group: field.text('The group of the kind, a domain.'),
          names,
          scope: field.oneOf('Whether objects live in namespaces.', 'Cluster', 'Namespaced'),
          versions: { ...field.list('The versions of the kind.', version), minItems: 1 },
          conversion,
          preserveUnknownFields: field.flag('Must be false.'),
        },
        'group',
        'names',
        'scope',
        'versions',
      ),
      status: field.object('What the server has made of the definition.', {
        conditions: field.keyedList('Findings about the definition.', condition, 'type'),
        acceptedNames: { ...names, required: [], description: 'The names that are served.' },
        storedVersions: field.texts('Versions in which objects may be stored.'),
      }),
    },
    'spec',
  ),
  prepare: prepareDefinition,
  validateMore: checkDefinition,
});
