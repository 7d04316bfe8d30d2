import { isJsonObject, type JsonObject, ownProperty } from '../schema/json-object.ts';
import { decodeJson } from '../schema/decode-json.ts';
import { encodeSorted } from './sets/encode-sorted.ts';
import { type FieldSet, emptySet, subtract } from './sets/field-set.ts';
import { compareValues } from './typed/compare-values.ts';
import { fieldSetOf } from './typed/field-set-of.ts';
import type { FieldType } from './typed/field-type.ts';

/** Only who applies under the name of kubectl's default can have come from `kubectl apply` without server side. */
export const migratingManager = 'kubectl';
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
const maxAnnotationsBytes = 262_144;

/**
 * The fields that client-side apply has put there and that nobody has changed since: when its user moves to
 * server-side apply, a conflict on these would be a conflict with himself.
 */
export function fieldsOfLastApplied(live: JsonObject, type: FieldType): FieldSet {
  const last = readLastApplied(live);
  if (last === undefined || last['apiVersion'] !== live['apiVersion']) return emptySet;
  const { added, changed, removed } = compareValues(last, live, type);
  return [added, changed, removed].reduce(subtract, fieldSetOf(last, type));
}

/** Client-side apply may be used again later: it must find what was applied last. */
export function rewriteLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  if (!Object.hasOwn(annotations, lastAppliedAnnotation)) return object;
  const { [lastAppliedAnnotation]: _last, ...others } = annotations;
  const rewritten = {
    ...annotations,
    [lastAppliedAnnotation]: `${encodeSorted(withoutOwn(configuration))}\n`,
  };
  const isTooLong = Buffer.byteLength(Object.entries(rewritten).flat().join('')) > maxAnnotationsBytes;
  const metadata = object['metadata'] as JsonObject; // the annotations were in it
  return { ...object, metadata: { ...metadata, annotations: isTooLong ? others : rewritten } };
}

function readLastApplied(object: JsonObject): JsonObject | undefined {
  const text = ownProperty(annotationsOf(object), lastAppliedAnnotation);
  if (typeof text !== 'string') return undefined;
  try {
    const { value } = decodeJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // Edited by hand: then nothing is known to have been applied.
  }
}

function withoutOwn(configuration: JsonObject): JsonObject {
  const { managedFields: _managers, ...metadata } = configuration['metadata'] as JsonObject; // checked before
  const { [lastAppliedAnnotation]: _last, ...annotations } = annotationsOf(configuration);
  // kubectl writes the annotations out even when there are none: with the same text it finds nothing to do.
  return { ...configuration, metadata: { ...metadata, annotations } };
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = ownProperty(object, 'metadata');
  const annotations = isJsonObject(metadata) ? ownProperty(metadata, 'annotations') : undefined;
  return isJsonObject(annotations) ? annotations : {};
}
