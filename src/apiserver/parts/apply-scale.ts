import { apiError } from '../../api/api-error.ts';
import { decodeApplyBody } from '../decode/decode-body.ts';
import { readBody } from '../http/request-body.ts';
import { managedFieldsOf } from '../managed-fields/managed-fields-of.ts';
import { checkConfiguration } from '../managed-fields/typed/check-configuration.ts';
import { typeOfObject } from '../managed-fields/typed/field-type.ts';
import { withFreshState } from '../registry/fresh-state.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { type JsonObject, isJsonObject, ownProperty } from '../schema/json-object.ts';
import type { ScaleSubresource } from '../schema/served-kind.ts';
import type { ServerDeps } from '../server-deps.ts';
import { parseApplyOptions } from '../verbs/apply-options.ts';
import { mergeApplied } from '../verbs/merge-applied.ts';
import { checkNameMatches, checkUidIsKept, keyOfPlace, notFound, placeOf } from '../verbs/object-place.ts';
import { replaceObject } from '../verbs/replace-object.ts';
import type { ResourceContext } from '../verbs/resource-context.ts';
import { scaleSchema, withReplicas } from './scale.ts';

/** Server-side apply of a Scale: the applier owns the number in the object, and nothing else. Answers the object. */
export async function applyScale(
  deps: ServerDeps,
  context: ResourceContext,
  paths: ScaleSubresource,
): Promise<JsonObject> {
  const { exchange, kind } = context;
  const options = parseApplyOptions(exchange.url.searchParams);
  const place = placeOf(context);
  const { value, duplicateFields } = decodeApplyBody(await readBody(exchange));
  const scale = checkScale({ ...value, metadata: { name: place.name, ...asObject(value['metadata']) } });
  checkNameMatches(place, scale);
  const configuration = configurationOf(scale, context, paths);
  return withFreshState(deps.store, exchange.signal, async () => {
    const entry = deps.store.get(keyOfPlace(kind, place));
    // A scale is of something; it cannot be made by itself.
    if (entry === undefined) throw notFound(kind, place.name);
    const live = kind.codec.decode(entry);
    checkUidIsKept(kind, configuration, metadataOf(live).uid);
    const applied = mergeApplied(deps, context, { configuration, options, live });
    return replaceObject(deps, context, { place, entry, duplicateFields, options, ...applied });
  });
}

function checkScale(scale: JsonObject): JsonObject {
  const { apiVersion = '', kind = '' } = scale;
  if (apiVersion !== 'autoscaling/v1' || kind !== 'Scale') {
    const given = `${String(apiVersion)}, Kind=${String(kind)}`;
    throw apiError('BadRequest', `expected a scale (autoscaling/v1, Kind=Scale), not ${given}`);
  }
  if (managedFieldsOf(scale) !== undefined) {
    throw apiError('BadRequest', 'metadata.managedFields must be nil');
  }
  const problems = checkConfiguration(scale, typeOfObject(scaleSchema));
  if (problems.length === 0) return scale;
  throw apiError('BadRequest', `failed to create typed patch object (Scale): ${problems.join('; ')}`);
}

/** The scale in the terms of the object that it is a part of. */
function configurationOf(scale: JsonObject, { kind }: ResourceContext, paths: ScaleSubresource): JsonObject {
  const { name, uid, resourceVersion } = metadataOf(scale);
  const identity = {
    ...{ apiVersion: kind.apiVersion, kind: kind.served.kind },
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
  const replicas = ownProperty(asObject(scale['spec']), 'replicas');
  return replicas === undefined ? identity : withReplicas(identity, paths, replicas);
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
