import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { apiError, type StatusCause } from '../../api/api-error.ts';
import type { ObjectMeta } from '../../api/meta.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { warnAboutFinalizers } from '../schema/object-meta.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { metadataOf, withMetadata, withoutEmptyLists } from './metadata-of.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { ObjectPlace } from './storage-key.ts';

export interface Prepared {
  readonly object: JsonObject;
  readonly unknownFields: readonly string[];
}

/** Metadata that only the server writes; what a client sends for it is dropped. */
type ServerMeta =
  | 'creationTimestamp'
  | 'deletionGracePeriodSeconds'
  | 'deletionTimestamp'
  | 'generation'
  | 'managedFields'
  | 'uid';

/** A new object with everything that the server adds, not yet validated. */
export function prepareCreate(
  kind: ResourceKind,
  input: JsonObject,
  place: ObjectPlace,
  nowMs: number,
): Prepared {
  const { served, schema } = kind;
  const { object: pruned, unknownFields } = schema.prune(input);
  const defaulted = schema.applyDefaults(pruned);
  const { status: _status, ...withoutStatus } = defaulted;
  const metadata: ObjectMeta = {
    ...clientMeta(metadataOf(defaulted)),
    name: place.name,
    ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
    uid: randomUUID(),
    ...(served.hasGeneration ? { generation: 1 } : {}),
    creationTimestamp: formatTimestamp(nowMs),
  };
  const owned = withMetadata(served.statusSubresource ? withoutStatus : defaulted, metadata);
  const object = served.prepare?.(owned, undefined) ?? owned;
  return { object: orderKeys(kind, object), unknownFields };
}

/** The one field that can be changed through an address of its own. */
const fieldsOfParts: Readonly<Record<string, string>> = { finalize: 'spec', status: 'status' };

/** The object as it would replace `stored`, not yet validated. `subresource` limits what may change. */
export function prepareUpdate(
  kind: ResourceKind,
  input: JsonObject,
  stored: JsonObject,
  subresource: string | undefined,
): Prepared {
  const { served, schema } = kind;
  const { object: pruned, unknownFields } = schema.prune(input);
  const defaulted = schema.applyDefaults(pruned);
  const only = fieldsOfParts[subresource ?? ''];
  if (only !== undefined) {
    const { [only]: _before, ...rest } = stored;
    const object = defaulted[only] === undefined ? rest : { ...rest, [only]: defaulted[only] };
    return { object: orderKeys(kind, object), unknownFields };
  }
  const kept = served.statusSubresource ? withStatusOf(defaulted, stored) : defaulted;
  const metadata = { ...clientMeta(metadataOf(kept)), ...serverMeta(metadataOf(stored)) };
  const prepared = withMetadata(kept, metadata);
  const object = orderKeys(kind, served.prepare?.(prepared, stored) ?? prepared);
  return { object: withNextGeneration(served, object, stored), unknownFields };
}

function withStatusOf(object: JsonObject, stored: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  return stored['status'] === undefined ? rest : { ...rest, status: stored['status'] };
}

function withNextGeneration(served: ServedKind, object: JsonObject, stored: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  if (!served.hasGeneration) return object;
  const before = metadataOf(stored).generation ?? 1;
  const generation = isDeepStrictEqual(content(served, object), content(served, stored))
    ? before
    : before + 1;
  return withMetadata(object, { ...metadata, generation });
}

/** What counts as a change of the wish: everything but metadata, and but a status with its own sub-resource. */
function content(served: ServedKind, object: JsonObject): JsonObject {
  const { metadata: _metadata, apiVersion: _apiVersion, status, ...rest } = object;
  return served.statusSubresource ? rest : { ...rest, status };
}

function clientMeta(metadata: ObjectMeta): Omit<ObjectMeta, ServerMeta> {
  const {
    uid: _uid,
    resourceVersion: _resourceVersion,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _grace,
    managedFields: _managedFields,
    ...rest
  } = metadata;
  const { selfLink: _selfLink, ...kept } = rest as typeof rest & { selfLink?: string };
  return withoutEmptyLists(kept);
}

function serverMeta(metadata: ObjectMeta): Partial<Pick<ObjectMeta, ServerMeta>> {
  const { uid, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const { managedFields } = metadata;
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(generation === undefined ? {} : { generation }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    ...(managedFields === undefined ? {} : { managedFields }),
  };
}

function orderKeys({ apiVersion, served }: ResourceKind, object: JsonObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  return { apiVersion, kind: served.kind, metadata, ...rest };
}

/** Throws the 422 with every problem at once; adds advice to the warnings. */
export function validateObject(
  kind: ResourceKind,
  object: JsonObject,
  stored: JsonObject | undefined,
  warnings: Set<string>,
): void {
  const causes: readonly StatusCause[] = kind.schema.validate(object, stored);
  if (causes.length > 0) throw invalidObject(kind.served, metadataOf(object).name, causes);
  for (const text of warnAboutFinalizers(object['metadata'] as JsonObject)) warnings.add(text);
  if (kind.served.deprecationWarning !== undefined) warnings.add(kind.served.deprecationWarning);
}

/** Makes sure of the few metadata fields that are looked at before the schema has its say. */
export function checkEnvelope(kind: ResourceKind, object: JsonObject): JsonObject {
  const { served, apiVersion } = kind;
  const complete = served.builtIn ? { apiVersion, kind: served.kind, ...object } : object;
  if (complete['kind'] === undefined || complete['kind'] === '') {
    const problem = `Object 'Kind' is missing in '${JSON.stringify(object).slice(0, 200)}'`;
    const message = `the object provided is unrecognized (must be of type ${served.kind}): ${problem}`;
    throw apiError('BadRequest', message);
  }
  if (complete['apiVersion'] !== apiVersion) {
    const given = typeof complete['apiVersion'] === 'string' ? complete['apiVersion'] : '';
    const message = `the API version in the data (${given}) does not match the expected API version (${apiVersion})`;
    throw apiError('BadRequest', message);
  }
  const metadata = checkMetadataShape(kind, complete['metadata'] ?? {});
  if (complete['kind'] !== served.kind) {
    const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
    const cause = fieldCause.invalid('kind', complete['kind'], `must be ${served.kind}`);
    throw invalidObject(served, name, [cause]);
  }
  return { ...complete, metadata };
}

const textFields = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion'];

function checkMetadataShape({ served }: ResourceKind, metadata: unknown): JsonObject {
  const unusable = (problem: string): Error =>
    apiError(
      'BadRequest',
      `${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: ${problem}`,
    );
  if (!isJsonObject(metadata)) throw unusable('metadata must be an object');
  for (const field of textFields) {
    const value = metadata[field];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw unusable(`metadata.${field} must be a string`);
    }
  }
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));
}

const nameLetters = 'bcdfghjklmnpqrstvwxz2456789'; // without vowels, no words can form
const maxPrefixLength = 58;

export function generateName(prefix: string): string {
  const letters = Array.from({ length: 5 }, () => nameLetters.charAt(randomInt(nameLetters.length)));
  return prefix.slice(0, maxPrefixLength) + letters.join('');
}
