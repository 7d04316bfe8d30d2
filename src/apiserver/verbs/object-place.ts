import { apiError } from '../../api/api-error.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { generateName } from '../registry/prepare-object.ts';
import { type ResourceKind, qualifiedResource, resourceDetails } from '../registry/resource-kind.ts';
import { type ObjectPlace, storageKey } from '../registry/storage-key.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ResourceContext } from './resource-context.ts';

/** Where the URL says that the object is. */
export function placeOf({ info }: ResourceContext): ObjectPlace {
  if (info.name === undefined) throw apiError('BadRequest', 'name must be provided');
  return info.namespace === undefined ? { name: info.name } : { name: info.name, namespace: info.namespace };
}

/** Where a new object goes: its own name, or one made from `generateName`. */
export function placeOfNew({ info }: ResourceContext, object: JsonObject): ObjectPlace {
  const { name = '', generateName: prefix = '' } = metadataOf(object) as Partial<
    ReturnType<typeof metadataOf>
  >;
  const chosen = name === '' && prefix !== '' ? generateName(prefix) : name;
  return info.namespace === undefined ? { name: chosen } : { name: chosen, namespace: info.namespace };
}

export function keyOfPlace(kind: ResourceKind, place: ObjectPlace): string {
  return storageKey(kind.prefix, place);
}

/** An empty namespace in the body means the one of the URL. */
export function checkNamespaceMatches({ info, kind }: ResourceContext, object: JsonObject): void {
  const given = metadataOf(object).namespace ?? '';
  // A namespace on a cluster-scoped object is for validation to refuse, field by field.
  if (given === '' || !kind.served.namespaced || given === info.namespace) return;
  const message = 'the namespace of the provided object does not match the namespace sent on the request';
  throw apiError('BadRequest', message);
}

export function checkNameMatches(place: ObjectPlace, object: JsonObject): void {
  const { name = '' } = metadataOf(object) as { name?: string };
  if (name === place.name) return;
  if (name === '') {
    const message = `the name of the object (${place.name} based on URL) was undeterminable: name must be provided`;
    throw apiError('BadRequest', message);
  }
  const message = `the name of the object (${name}) does not match the name on the URL (${place.name})`;
  throw apiError('BadRequest', message);
}

/** `uid` is the one of the stored object, if there is any. */
export function checkUidIsKept({ served }: ResourceKind, input: JsonObject, uid: string | undefined): void {
  const { uid: given = '', name } = metadataOf(input);
  if (given === '' || given === uid) return;
  throw invalidObject(served, name, [fieldCause.invalid('metadata.uid', given, 'field is immutable')]);
}

export function notFound({ served }: ResourceKind, name: string): Error {
  const message = `${qualifiedResource(served)} "${name}" not found`;
  return apiError('NotFound', message, resourceDetails(served, name));
}

export function alreadyExists({ served }: ResourceKind, name: string, isTerminating: boolean): Error {
  const prefix = isTerminating ? 'object is being deleted: ' : '';
  const message = `${prefix}${qualifiedResource(served)} "${name}" already exists`;
  return apiError('AlreadyExists', message, resourceDetails(served, name));
}

const modified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict({ served }: ResourceKind, name: string, problem = modified): Error {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(served)} "${name}": ${problem}`;
  return apiError('Conflict', message, resourceDetails(served, name));
}
