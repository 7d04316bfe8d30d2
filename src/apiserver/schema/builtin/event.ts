import type { OpenApiSchema } from '../open-api-schema.ts';
import type { JsonObject } from '../json-object.ts';
import { builtInKind } from './built-in-kind.ts';
import { checkEvent } from './check-event.ts';
import { withMicroTimes, withMicroTimesIn } from './micro-time.ts';
import { asOne, field, resourceSchema } from './schema-parts.ts';

export const objectReferenceSchema: OpenApiSchema = asOne(
  field.object('Names an object.', {
    apiVersion: field.text('Group and version of the object.'),
    kind: field.text('Kind of the object.'),
    namespace: field.text('Namespace of the object.'),
    name: field.text('Name of the object.'),
    uid: field.text('UID of the object.'),
    resourceVersion: field.text('Version of the object that is meant.'),
    fieldPath: field.text('The part of the object that is meant.'),
  }),
);

/** Optional times of an event are null rather than absent, as clients write and expect them. */
export const nullableTime = (description: string): OpenApiSchema => ({
  ...field.time(description),
  nullable: true,
});

export const eventKind = builtInKind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  selectableFields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  schema: resourceSchema(
    'Tells that something happened to an object. Events are for people, kept for a while, and may get lost.',
    {
      involvedObject: { ...objectReferenceSchema, description: 'The object that the event is about.' },
      reason: field.text('Why the event came about, as one word.'),
      message: field.text('What happened, for people.'),
      source: field.object('Who reported the event, in the old form.', {
        component: field.text('The component that reported it.'),
        host: field.text('The host that it ran on.'),
      }),
      firstTimestamp: nullableTime('When the event was first seen.'),
      lastTimestamp: nullableTime('When the event was last seen.'),
      count: field.integer('How often the event was seen.'),
      type: field.text('Normal or Warning.'),
      eventTime: nullableTime('When the event was first seen, to the microsecond.'),
      series: field.object('Stands for many events of the same sort.', {
        count: field.integer('How often it was seen.'),
        lastObservedTime: nullableTime('When it was last seen.'),
      }),
      action: field.text('What was done, or went wrong.'),
      related: { ...objectReferenceSchema, description: 'A second object that took part.' },
      reportingComponent: field.text('The component that reported the event.'),
      reportingInstance: field.text('Which copy of the component it was.'),
    },
    'involvedObject',
  ),
  prepare: completeEvent,
  validateMore: checkEvent,
});

/** Recorders of the new form leave the old source out; readers expect it to be there. */
function completeEvent(object: JsonObject): JsonObject {
  const timed = withMicroTimesIn(withMicroTimes(object, ['eventTime']), 'series', ['lastObservedTime']);
  return timed['source'] === null || timed['source'] === undefined ? { ...timed, source: {} } : timed;
}
