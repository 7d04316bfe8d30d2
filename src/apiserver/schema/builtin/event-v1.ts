import type { StatusCause } from '../../../api/api-error.ts';
import type { JsonObject } from '../json-object.ts';
import { builtInKind } from './built-in-kind.ts';
import { checkEvent } from './check-event.ts';
import { eventKind, nullableTime, objectReferenceSchema } from './event.ts';
import { withMicroTimes, withMicroTimesIn } from './micro-time.ts';
import { field, resourceSchema } from './schema-parts.ts';

/** The name of each field here, and in the core group, under which it is stored. */
const storedNames: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
};
const shownNames = Object.fromEntries(Object.entries(storedNames).map(([shown, stored]) => [stored, shown]));

/** The events of the core group once more, under the names that newer clients use. */
export const newEventKind = builtInKind({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  selectableFields: [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reason',
    'reportingController',
    'type',
  ],
  schema: resourceSchema(
    'Tells that something happened to an object. Events are for people, kept for a while, and may get lost.',
    {
      eventTime: nullableTime('When the event was first seen, to the microsecond.'),
      series: field.object('Stands for many events of the same sort.', {
        count: field.integer('How often it was seen.'),
        lastObservedTime: nullableTime('When it was last seen.'),
      }),
      reportingController: field.text('The component that reported the event.'),
      reportingInstance: field.text('Which copy of the component it was.'),
      action: field.text('What was done, or went wrong.'),
      reason: field.text('Why the event came about, as one word.'),
      regarding: { ...objectReferenceSchema, description: 'The object that the event is about.' },
      related: { ...objectReferenceSchema, description: 'A second object that took part.' },
      note: field.text('What happened, for people.'),
      type: field.text('Normal or Warning.'),
      deprecatedSource: field.object('Who reported the event, in the old form.', {
        component: field.text('The component that reported it.'),
        host: field.text('The host that it ran on.'),
      }),
      deprecatedFirstTimestamp: nullableTime('When an event of the old form was first seen.'),
      deprecatedLastTimestamp: nullableTime('When an event of the old form was last seen.'),
      deprecatedCount: field.integer('How often an event of the old form was seen.'),
    },
  ),
  storedAs: {
    kind: eventKind,
    toStored: (event) => ({ source: {}, involvedObject: {}, ...rename(event, storedNames) }),
    fromStored: (event) => rename(event, shownNames),
  },
  prepare: (object) =>
    withMicroTimesIn(withMicroTimes(object, ['eventTime']), 'series', ['lastObservedTime']),
  validateMore,
});

function rename(event: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(event).map(([key, value]) => [names[key] ?? key, value]));
}

/** Only events of the old form may come without a time, and those come from the core group. */
function validateMore(event: JsonObject, stored: JsonObject | undefined): StatusCause[] {
  const before = stored === undefined ? undefined : rename(stored, storedNames);
  const isNew = stored === undefined && typeof event['eventTime'] !== 'string';
  const missing: StatusCause = {
    reason: 'FieldValueRequired',
    message: 'Required value',
    field: 'eventTime',
  };
  return [
    ...(isNew ? [missing] : []),
    ...checkEvent(rename(event, storedNames), before).map((cause) => ({
      ...cause,
      field: showField(cause.field),
    })),
  ];
}

function showField(field = ''): string {
  const [first = '', ...rest] = field.split('.');
  return [shownNames[first] ?? first, ...rest].join('.');
}
