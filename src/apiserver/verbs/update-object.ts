import { apiError } from '../../api/api-error.ts';
import { decodeObject } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { withFreshState } from '../registry/fresh-state.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import { checkEnvelope } from '../registry/prepare-object.ts';
import { type ResourceKind, qualifiedResource, resourceDetails } from '../registry/resource-kind.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { checkMayCreate } from './check-may-create.ts';
import { insert } from './create-object.ts';
import { checkNameMatches, checkNamespaceMatches, keyOfPlace, notFound, placeOf } from './object-place.ts';
import { replaceObject } from './replace-object.ts';
import type { ObjectAnswer, ResourceContext } from './resource-context.ts';
import { trackUpdate } from './track-update.ts';
import { parseWriteOptions } from './write-options.ts';

export async function updateObject(deps: ServerDeps, context: ResourceContext): Promise<ObjectAnswer> {
  const { exchange, kind } = context;
  const options = parseWriteOptions(exchange.url.searchParams, 'UpdateOptions');
  const place = placeOf(context);
  const contentType = headerOf(exchange.request, 'content-type');
  const { value, duplicateFields } = decodeObject(await readBody(exchange), contentType, kind.served.kind);
  const given = checkEnvelope(kind, value);
  checkNameMatches(place, given);
  checkNamespaceMatches(context, given);
  const input = inNamespace(given, place.namespace);

  return withFreshState(deps.store, exchange.signal, async () => {
    const entry = deps.store.get(keyOfPlace(kind, place));
    if (entry === undefined) {
      if (!kind.rules.canCreateOnUpdate) throw notFound(kind, place.name);
      checkMayCreate(deps, context);
      const object = await insert(deps, context, { input, duplicateFields, options });
      return { kind: 'object', code: 201, object };
    }
    checkRevisionGiven(kind, place.name, metadataOf(input).resourceVersion);
    const tracking = trackUpdate(context, { input, options });
    const replacement = { place, entry, input, duplicateFields, options, tracking };
    return { kind: 'object', code: 200, object: await replaceObject(deps, context, replacement) };
  });
}

/** The path says it as well: a body may leave it out. */
function inNamespace(object: JsonObject, namespace: string | undefined): JsonObject {
  return namespace === undefined ? object : withMetadata(object, { ...metadataOf(object), namespace });
}

function checkRevisionGiven({ rules, served }: ResourceKind, name: string, revision = ''): void {
  if (rules.canUpdateUnconditionally || (revision !== '' && revision !== '0')) return;
  const problem = 'Invalid value: 0x0: must be specified for an update';
  const cause = { reason: 'FieldValueInvalid', message: problem, field: 'metadata.resourceVersion' };
  const message = `${qualifiedResource(served)} "${name}" is invalid: metadata.resourceVersion: ${problem}`;
  throw apiError('Invalid', message, { ...resourceDetails(served, name), causes: [cause] });
}
