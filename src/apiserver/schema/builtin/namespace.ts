import { builtInKind } from './built-in-kind.ts';
import { field, resourceSchema } from './schema-parts.ts';

const condition = field.object(
  'One finding about the namespace.',
  {
    type: field.text('What the condition is about.'),
    status: field.text('True, False or Unknown.'),
    lastTransitionTime: field.time('When the status last changed.'),
    reason: field.text('The cause, as one word.'),
    message: field.text('The cause, for people.'),
  },
  'type',
  'status',
);

export const namespaceKind = builtInKind({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  nameRule: 'label',
  statusSubresource: true,
  selectableFields: ['status.phase'],
  schema: resourceSchema('A space of names: what other systems call a project.', {
    spec: field.object('What is wanted of the namespace.', {
      finalizers: field.texts('What must be done before the namespace may go.'),
    }),
    status: field.object('The state of the namespace.', {
      phase: field.text('Active, or Terminating while its content is being deleted.'),
      conditions: field.keyedList(
        'Findings, mostly about what stands in the way of a deletion.',
        condition,
        'type',
      ),
    }),
  }),
  // What it waits for is changed through the sub-resource finalize alone.
  prepare: (object, stored) => (stored === undefined ? object : { ...object, spec: stored['spec'] ?? {} }),
});
