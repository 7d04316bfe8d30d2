import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject, ownProperty } from '../json-object.ts';

const maxTextLength = 128;
const maxMessageLength = 1024;
const changeable = new Set(['metadata', 'series', 'apiVersion', 'kind']);

/**
 * The rules for events in the form of the core group. An event with `eventTime` is of the new style: it says who did
 * what, and only its series grows. Those without are written by older recorders, which update counts as they like.
 */
export function checkEvent(event: JsonObject, stored: JsonObject | undefined): StatusCause[] {
  const misplaced = checkNamespace(event);
  const isNewStyle = textOf(event['eventTime']) !== '';
  if (!isNewStyle) return misplaced;
  return [...misplaced, ...checkTexts(event), ...(stored === undefined ? [] : checkFixed(event, stored))];
}

/** An event lies where its object does; those about cluster-scoped objects lie in `default`. */
function checkNamespace(event: JsonObject): StatusCause[] {
  const metadata = ownProperty(event, 'metadata');
  const subject = ownProperty(event, 'involvedObject');
  const namespace = isJsonObject(metadata) ? textOf(metadata['namespace']) : '';
  const wanted = isJsonObject(subject) ? textOf(subject['namespace']) : '';
  if (namespace === (wanted === '' ? 'default' : wanted)) return [];
  if (wanted === '' && namespace === 'kube-system') return [];
  return [fieldCause.invalid('involvedObject.namespace', wanted, 'does not match event.namespace')];
}

function checkTexts(event: JsonObject): StatusCause[] {
  const required = ['reportingComponent', 'reportingInstance', 'action', 'reason'] as const;
  const shown = (key: string): string => (key === 'reportingComponent' ? 'reportingController' : key);
  const absent = required
    .filter((key) => textOf(event[key]) === '')
    .map((key) => fieldCause.required(shown(key)));
  const long = required
    .filter((key) => textOf(event[key]).length > maxTextLength)
    .map((key) => fieldCause.tooLong(shown(key), maxTextLength));
  const type = event['type'];
  const message = textOf(event['message']);
  return [
    ...absent,
    ...long,
    ...(message.length > maxMessageLength ? [fieldCause.tooLong('message', maxMessageLength)] : []),
    ...(type === 'Normal' || type === 'Warning'
      ? []
      : [fieldCause.invalid('type', type ?? '', 'has invalid value: must be Normal or Warning')]),
  ];
}

function checkFixed(event: JsonObject, stored: JsonObject): StatusCause[] {
  if (textOf(stored['eventTime']) === '') return [];
  return [...new Set([...Object.keys(event), ...Object.keys(stored)])]
    .filter((key) => !changeable.has(key) && !isDeepStrictEqual(event[key], stored[key]))
    .map((key) => fieldCause.invalid(key, event[key] ?? null, 'field is immutable'));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
