import type { StatusCause } from '../../api/api-error.ts';
import { fieldCause } from './field-cause.ts';
import { isJsonObject, type JsonObject, ownProperty } from './json-object.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
} from './name-syntax.ts';
import { checkOwnerReferences } from './owner-references.ts';
import type { NameRule } from './served-kind.ts';

export interface ObjectMetaRules {
  readonly nameRule: NameRule;
  readonly namespaced: boolean;
}

const maxAnnotationsBytes = 262_144;
const nameChecks: Record<NameRule, (name: string) => string[]> = {
  label: checkDnsLabel,
  subdomain: checkDnsSubdomain,
  'path-segment': checkPathSegment,
};

/**
 * Checks the metadata of an object that is about to be stored. The types of its fields have been checked before. An
 * embedded object has `path` in front of its fields and needs no name.
 */
export function validateObjectMeta(metadata: JsonObject, rules: ObjectMetaRules): StatusCause[] {
  return [...checkName(metadata, rules), ...checkNamespace(metadata, rules), ...validateMetaMaps(metadata)];
}

/** The part that an embedded resource is held to as well: its name may be given later by whoever creates it. */
export function validateMetaMaps(metadata: JsonObject, path = 'metadata'): StatusCause[] {
  return [
    ...checkLabels(ownProperty(metadata, 'labels'), `${path}.labels`),
    ...checkAnnotations(ownProperty(metadata, 'annotations'), `${path}.annotations`),
    ...checkFinalizers(ownProperty(metadata, 'finalizers'), `${path}.finalizers`),
    ...checkOwnerReferences(ownProperty(metadata, 'ownerReferences'), `${path}.ownerReferences`),
  ];
}

/** What an update may not do to metadata. */
export function validateObjectMetaUpdate(metadata: JsonObject, stored: JsonObject): StatusCause[] {
  const fixed = ['name', 'namespace', 'uid'].filter((key) => {
    const [before, after] = [ownProperty(stored, key), ownProperty(metadata, key)];
    return before !== undefined && after !== before;
  });
  return [
    ...fixed.map((key) => fieldCause.invalid(`metadata.${key}`, metadata[key], 'field is immutable')),
    ...checkAddedFinalizers(metadata, stored),
  ];
}

/** Advice on finalizers that no one can attribute, sent as warnings. */
export function warnAboutFinalizers(metadata: JsonObject): string[] {
  return texts(ownProperty(metadata, 'finalizers'))
    .filter((name) => !name.includes('/') && !['foregroundDeletion', 'orphan'].includes(name))
    .map(
      (name) =>
        `metadata.finalizers: "${name}": prefer a domain-qualified finalizer name including a path (/) ` +
        'to avoid accidental conflicts with other finalizer writers',
    );
}

function checkName(metadata: JsonObject, { nameRule }: ObjectMetaRules): StatusCause[] {
  const check = nameChecks[nameRule];
  const generateName = ownProperty(metadata, 'generateName');
  // Five characters will follow the prefix, so it may end in a dash.
  const inPrefix =
    typeof generateName === 'string' && generateName !== ''
      ? check(generateName.replace(/-$/u, 'a').slice(0, 58)).map((problem) =>
          fieldCause.invalid('metadata.generateName', generateName, problem),
        )
      : [];
  const name = ownProperty(metadata, 'name');
  if (typeof name !== 'string' || name === '') {
    return [...inPrefix, fieldCause.required('metadata.name', 'name or generateName is required')];
  }
  return [...inPrefix, ...check(name).map((problem) => fieldCause.invalid('metadata.name', name, problem))];
}

function checkNamespace(metadata: JsonObject, { namespaced }: ObjectMetaRules): StatusCause[] {
  const namespace = ownProperty(metadata, 'namespace');
  if (namespaced) {
    if (typeof namespace !== 'string' || namespace === '') return [fieldCause.required('metadata.namespace')];
    return checkDnsLabel(namespace).map((problem) =>
      fieldCause.invalid('metadata.namespace', namespace, problem),
    );
  }
  if (namespace === undefined || namespace === '') return [];
  return [fieldCause.forbidden('metadata.namespace', 'not allowed on this type')];
}

function checkLabels(labels: unknown, path: string): StatusCause[] {
  if (!isJsonObject(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => [
    ...checkQualifiedName(key).map((problem) => fieldCause.invalid(path, key, problem)),
    ...(typeof value === 'string' ? checkLabelValue(value) : []).map((problem) =>
      fieldCause.invalid(path, value, problem),
    ),
  ]);
}

function checkAnnotations(annotations: unknown, path: string): StatusCause[] {
  if (!isJsonObject(annotations)) return [];
  let bytes = 0;
  const causes: StatusCause[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
    // Capitals are legal in the keys of annotations, unlike in the prefix of a label's key.
    causes.push(
      ...checkQualifiedName(key.toLowerCase()).map((problem) => fieldCause.invalid(path, key, problem)),
    );
  }
  return bytes > maxAnnotationsBytes ? [...causes, fieldCause.tooLong(path, maxAnnotationsBytes)] : causes;
}

function checkFinalizers(finalizers: unknown, path: string): StatusCause[] {
  const names = texts(finalizers);
  const malformed = names.flatMap((name) =>
    checkQualifiedName(name).map((problem) => fieldCause.invalid(path, name, problem)),
  );
  if (!names.includes('orphan') || !names.includes('foregroundDeletion')) return malformed;
  const clash = 'finalizer orphan and foregroundDeletion cannot be both set';
  return [...malformed, fieldCause.invalid(path, names, clash)];
}

function checkAddedFinalizers(metadata: JsonObject, stored: JsonObject): StatusCause[] {
  if (ownProperty(stored, 'deletionTimestamp') === undefined) return [];
  const before = texts(ownProperty(stored, 'finalizers'));
  const added = texts(ownProperty(metadata, 'finalizers')).filter((name) => !before.includes(name));
  if (added.length === 0) return [];
  const names = added.map((name) => JSON.stringify(name)).join(', ');
  const detail =
    'no new finalizers can be added if the object is being deleted, ' +
    `found new finalizers []string{${names}}`;
  return [fieldCause.forbidden('metadata.finalizers', detail)];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
