import { apiError } from '../../api/api-error.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { decodeApplyBody } from '../decode/decode-body.ts';
import { parseMediaType } from '../http/accept.ts';
import { readBody } from '../http/request-body.ts';
import { applyToObject } from '../managed-fields/apply-to-object.ts';
import { typesOfKind } from '../managed-fields/field-types.ts';
import { type ApplyTracking, managedFieldsOf } from '../managed-fields/track-write.ts';
import { checkConfiguration } from '../managed-fields/typed/check-configuration.ts';
import { typeOfObject } from '../managed-fields/typed/field-type.ts';
import { withFreshState } from '../registry/fresh-state.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import { checkEnvelope } from '../registry/prepare-object.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import type { ObjectPlace } from '../registry/storage-key.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import { findForbiddenNulls } from '../schema/forbidden-nulls.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { checkMayCreate } from './check-may-create.ts';
import { insert } from './create-object.ts';
import {
  checkNameMatches,
  checkNamespaceMatches,
  checkUidIsKept,
  keyOfPlace,
  notFound,
  placeOf,
} from './object-place.ts';
import { replaceObject } from './replace-object.ts';
import type { ObjectAnswer, ResourceContext } from './resource-context.ts';
import { managerIdentity } from './track-update.ts';
import { type WriteOptions, invalidOptions, parseWriteOptions } from './write-options.ts';

export const applyPatchType = 'application/apply-patch+yaml';

export function isApply(contentType: string | undefined): boolean {
  return parseMediaType(contentType ?? '').type === applyPatchType;
}

interface Application {
  readonly place: ObjectPlace;
  readonly configuration: JsonObject;
  readonly duplicateFields: readonly string[];
  readonly options: ApplyOptions;
}

interface ApplyOptions extends WriteOptions {
  readonly isForced: boolean;
}

/** Server-side apply: PATCH with everything that one manager wants of the object, and nothing else. */
export async function applyObject(deps: ServerDeps, context: ResourceContext): Promise<ObjectAnswer> {
  const { exchange, kind } = context;
  const options = parseApplyOptions(exchange.url.searchParams);
  const place = placeOf(context);
  const { value, duplicateFields } = decodeApplyBody(await readBody(exchange));
  const configuration = checkApplied(context, place, value);
  const application = { place, configuration, duplicateFields, options };
  return withFreshState(deps.store, exchange.signal, () =>
    deps.store.get(keyOfPlace(kind, place)) === undefined
      ? createApplied(deps, context, application)
      : updateApplied(deps, context, application),
  );
}

async function createApplied(
  deps: ServerDeps,
  context: ResourceContext,
  application: Application,
): Promise<ObjectAnswer> {
  const { kind, info } = context;
  if (info.subresource !== undefined) throw notFound(kind, application.place.name);
  checkUidIsKept(kind, application.configuration, undefined);
  checkMayCreate(deps, context);
  const applied = mergeApplied(deps, context, { application, live: {} });
  const object = await insert(deps, context, { ...application, ...applied });
  return { kind: 'object', code: 201, object };
}

async function updateApplied(
  deps: ServerDeps,
  context: ResourceContext,
  application: Application,
): Promise<ObjectAnswer> {
  const { kind } = context;
  const { place, configuration } = application;
  const entry = deps.store.get(keyOfPlace(kind, place));
  if (entry === undefined) throw notFound(kind, place.name);
  const live = kind.codec.decode(entry);
  checkUidIsKept(kind, configuration, metadataOf(live).uid);
  const applied = mergeApplied(deps, context, { application, live });
  const object = await replaceObject(deps, context, { ...application, ...applied, entry });
  return { kind: 'object', code: 200, object };
}

interface Merge {
  readonly application: Application;
  readonly live: JsonObject;
}

function mergeApplied(
  { clock, registry }: ServerDeps,
  context: ResourceContext,
  { application, live }: Merge,
): { readonly input: JsonObject; readonly tracking: ApplyTracking } {
  const { kind } = context;
  const { configuration, options } = application;
  const self = managerIdentity(context, options.fieldManager, 'Apply');
  const { object, managers } = applyToObject({
    ...{ live, configuration, self, isForced: options.isForced },
    ...{ time: formatTimestamp(clock.now()), findType: typesOfKind(registry, kind) },
    applyDefaults: (merged) => completeMerged(kind, merged),
  });
  return { input: object, tracking: { kind: 'apply', self, managers } };
}

/** Defaulting would silently drop a null that the applier is about to own. */
function completeMerged({ schema, served }: ResourceKind, merged: JsonObject): JsonObject {
  const { metadata: _metadata, ...content } = merged;
  const nulls = findForbiddenNulls(content, served.schema);
  if (nulls.length > 0) throw invalidObject(served, metadataOf(merged).name, nulls);
  return schema.applyDefaults(merged);
}

function parseApplyOptions(query: URLSearchParams): ApplyOptions {
  const options = parseWriteOptions(query, 'PatchOptions');
  if (options.fieldManager === '') {
    const cause = fieldCause.required('fieldManager', 'is required for apply patch');
    throw invalidOptions('PatchOptions', cause);
  }
  return { ...options, isForced: isTrue(query.get('force') ?? '') };
}

function isTrue(text: string): boolean {
  return ['1', 't', 'true'].includes(text.toLowerCase());
}

/** The configuration with its name, limited to what the request can write; throws the 400 for everything wrong with it. */
function checkApplied(context: ResourceContext, place: ObjectPlace, value: JsonObject): JsonObject {
  const { kind } = context;
  const { apiVersion = '', kind: given = '' } = value;
  if (apiVersion === '' || given === '') {
    const type = `${groupVersionText(apiVersion)}, Kind=${typeof given === 'string' ? given : ''}`;
    throw apiError('BadRequest', `invalid object type: ${type}: apply needs apiVersion and kind`);
  }
  const object = checkEnvelope(kind, value);
  if (managedFieldsOf(object) !== undefined) {
    throw apiError('BadRequest', 'metadata.managedFields must be nil');
  }
  const named = withMetadata(object, { ...metadataOf(object), name: metadataOf(object).name || place.name });
  checkNameMatches(place, named);
  checkNamespaceMatches(context, named);
  const problems = checkConfiguration(named, typeOfObject(kind.served.schema));
  if (problems.length > 0) throw cannotApply(context, place, problems);
  return limitToPart(context, named);
}

/** The status is applied through its own address, where nothing else is. */
function limitToPart({ kind, info }: ResourceContext, configuration: JsonObject): JsonObject {
  const { status, ...rest } = configuration;
  if (info.subresource !== 'status') return kind.served.statusSubresource ? rest : configuration;
  const { apiVersion, kind: name, metadata } = configuration;
  const { name: objectName, namespace, uid, resourceVersion } = metadata as JsonObject; // checkEnvelope has seen it
  const given = Object.entries({ name: objectName, namespace, uid, resourceVersion });
  const identity = Object.fromEntries(given.filter(([, text]) => text !== undefined));
  return { apiVersion, kind: name, metadata: identity, ...(status === undefined ? {} : { status }) };
}

function cannotApply({ kind }: ResourceContext, place: ObjectPlace, problems: readonly string[]): Error {
  const [first = ''] = problems;
  const text = problems.length === 1 ? first : `errors:\n${problems.map((line) => `  ${line}`).join('\n')}`;
  const what = `${place.namespace ?? ''}/${place.name}; ${kind.apiVersion}, Kind=${kind.served.kind}`;
  return apiError('BadRequest', `failed to create typed patch object (${what}): ${text}`);
}

function groupVersionText(apiVersion: unknown): string {
  const text = typeof apiVersion === 'string' ? apiVersion : '';
  return text.includes('/') ? text : `/${text}`;
}
