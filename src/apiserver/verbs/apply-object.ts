import { decodeApplyBody } from '../decode/decode-body.ts';
import { parseMediaType } from '../http/accept.ts';
import { readBody } from '../http/request-body.ts';
import { withFreshState } from '../registry/fresh-state.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { ObjectPlace } from '../registry/storage-key.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { checkApplied } from './applied-configuration.ts';
import { type ApplyOptions, parseApplyOptions } from './apply-options.ts';
import { checkMayCreate } from './check-may-create.ts';
import { insert } from './create-object.ts';
import { mergeApplied } from './merge-applied.ts';
import { checkUidIsKept, keyOfPlace, notFound, placeOf } from './object-place.ts';
import { replaceObject } from './replace-object.ts';
import type { ObjectAnswer, ResourceContext } from './resource-context.ts';

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
  const applied = mergeApplied(deps, context, { ...application, live: {} });
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
  const applied = mergeApplied(deps, context, { ...application, live });
  const object = await replaceObject(deps, context, { ...application, ...applied, entry });
  return { kind: 'object', code: 200, object };
}
