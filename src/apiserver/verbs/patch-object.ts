import { decodePatchBody } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { withFreshState } from '../registry/fresh-state.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { checkEnvelope } from '../registry/prepare-object.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { applyObject, isApply } from './apply-object.ts';
import { choosePatcher } from './choose-patcher.ts';
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
import { trackUpdate } from './track-update.ts';
import { invalidOptions, parseWriteOptions } from './write-options.ts';

export async function patchObject(deps: ServerDeps, context: ResourceContext): Promise<ObjectAnswer> {
  const { exchange, kind } = context;
  if (isApply(headerOf(exchange.request, 'content-type'))) return applyObject(deps, context);
  const query = exchange.url.searchParams;
  const contentType = headerOf(exchange.request, 'content-type') ?? '';
  const patcher = choosePatcher(contentType, { isStrategic: kind.served.builtIn });
  const options = parseWriteOptions(query, 'PatchOptions');
  if (query.has('force')) {
    throw invalidOptions(
      'PatchOptions',
      fieldCause.forbidden('force', 'may not be specified for non-apply patch'),
    );
  }
  const place = placeOf(context);
  const { value: patch, duplicateFields } = decodePatchBody(await readBody(exchange));

  return withFreshState(deps.store, exchange.signal, async () => {
    const entry = deps.store.get(keyOfPlace(kind, place));
    if (entry === undefined) throw notFound(kind, place.name);
    const stored = kind.codec.decode(entry);
    const patched = patcher(stored, patch);
    checkTypeIsKept(kind, patched, stored);
    const input = checkEnvelope(kind, patched);
    checkNameMatches(place, input);
    checkNamespaceMatches(context, input);
    checkUidIsKept(kind, input, metadataOf(stored).uid);
    const tracking = trackUpdate(context, { input, options, isPatch: true });
    const replacement = { place, entry, input, duplicateFields, options, tracking };
    return { kind: 'object', code: 200, object: await replaceObject(deps, context, replacement) };
  });
}

function checkTypeIsKept({ served }: ResourceKind, patched: JsonObject, stored: JsonObject): void {
  const causes = ['apiVersion', 'kind']
    .filter((field) => patched[field] !== stored[field])
    .map((field) => fieldCause.invalid(field, patched[field], 'must not be changed by a patch'));
  if (causes.length > 0) throw invalidObject(served, metadataOf(stored).name, causes);
}
