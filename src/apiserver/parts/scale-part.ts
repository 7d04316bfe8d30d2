import { apiError } from '../../api/api-error.ts';
import { decodeObject, decodePatchBody } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { metaTypes } from '../openapi/schema-names.ts';
import { withFreshState } from '../registry/fresh-state.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { pruneObject } from '../schema/prune.ts';
import type { ScaleSubresource } from '../schema/served-kind.ts';
import type { ServerDeps } from '../server-deps.ts';
import { isApply } from '../verbs/apply-object.ts';
import { choosePatcher } from '../verbs/choose-patcher.ts';
import { getObject } from '../verbs/get-object.ts';
import { checkNameMatches, conflict, keyOfPlace, notFound, placeOf } from '../verbs/object-place.ts';
import { replaceObject } from '../verbs/replace-object.ts';
import type { PlainAnswer, ResourceContext } from '../verbs/resource-context.ts';
import { trackUpdate } from '../verbs/track-update.ts';
import { parseWriteOptions, reportFindings } from '../verbs/write-options.ts';
import { applyScale } from './apply-scale.ts';
import type { ObjectPart, PartDocument } from './object-part.ts';
import { scaleSchema, toScale, withReplicas } from './scale.ts';

const document: PartDocument = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schemaName: metaTypes.scale,
};

/** The number of copies, in a form that is the same for every kind. */
export const scalePart: ObjectPart = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  document,
  isPartOf: ({ scaleSubresource }) => scaleSubresource !== undefined,
  async handle(deps, context) {
    const { exchange, info } = context;
    if (info.verb === 'patch' && isApply(headerOf(exchange.request, 'content-type'))) {
      return answer(await applyScale(deps, context, pathsOf(context)), context);
    }
    if (info.verb !== 'get') return writeScale(deps, context);
    const { object } = await getObject(deps, context);
    return answer(object, context);
  },
};

interface Wanted {
  /** The scale as it shall be, made from the one that is. */
  readonly change: (scale: JsonObject) => JsonObject;
  readonly duplicateFields: readonly string[];
}

async function writeScale(deps: ServerDeps, context: ResourceContext): Promise<PlainAnswer> {
  const { exchange, kind, info } = context;
  const isPatch = info.verb === 'patch';
  const options = parseWriteOptions(exchange.url.searchParams, isPatch ? 'PatchOptions' : 'UpdateOptions');
  const place = placeOf(context);
  const { change, duplicateFields } = await (isPatch ? readPatch(context) : readScale(context));
  return withFreshState(deps.store, exchange.signal, async () => {
    const entry = deps.store.get(keyOfPlace(kind, place));
    if (entry === undefined) throw notFound(kind, place.name);
    const stored = kind.codec.decode(entry);
    const current = toScale(stored, pathsOf(context));
    const unknownFields: string[] = [];
    const scale = pruneObject(checkIdentity(change(current)), scaleSchema, unknownFields);
    checkNameMatches(place, scale);
    checkPreconditions(context, scale, stored);
    const found = { unknownFields, duplicateFields };
    reportFindings(found, options.fieldValidation, { ...document, warnings: exchange.warnings });
    const input = withReplicas(stored, pathsOf(context), readReplicas(scale));
    const tracking = trackUpdate(context, { input, options, isPatch: true });
    const replacement = { place, entry, input, duplicateFields: [], options, tracking };
    return answer(await replaceObject(deps, context, replacement), context);
  });
}

async function readScale({ exchange }: ResourceContext): Promise<Wanted> {
  const contentType = headerOf(exchange.request, 'content-type');
  const { value, duplicateFields } = decodeObject(await readBody(exchange), contentType, document.kind);
  return { change: () => value, duplicateFields };
}

async function readPatch({ exchange }: ResourceContext): Promise<Wanted> {
  const patcher = choosePatcher(headerOf(exchange.request, 'content-type') ?? '', { isStrategic: true });
  const { value, duplicateFields } = decodePatchBody(await readBody(exchange));
  return { change: (scale) => patcher(scale, value), duplicateFields };
}

function checkIdentity(scale: JsonObject): JsonObject {
  const { kind = document.kind, apiVersion = 'autoscaling/v1', metadata = {} } = scale;
  if (kind === document.kind && apiVersion === 'autoscaling/v1' && isJsonObject(metadata)) {
    return { ...scale, metadata };
  }
  const given = `${String(apiVersion)}, Kind=${String(kind)}`;
  throw apiError('BadRequest', `expected a scale (autoscaling/v1, Kind=Scale), not ${given}`);
}

/** Without a resourceVersion the number is set whatever else has changed. */
function checkPreconditions({ kind }: ResourceContext, scale: JsonObject, stored: JsonObject): void {
  const { uid = '', resourceVersion = '' } = metadataOf(scale);
  const current = metadataOf(stored);
  const isOther = uid !== '' && uid !== current.uid;
  const isStale = !['', '0', current.resourceVersion].includes(resourceVersion);
  if (isOther || isStale) throw conflict(kind, current.name);
}

function readReplicas(scale: JsonObject): number {
  const spec = scale['spec'] ?? {};
  const replicas = isJsonObject(spec) ? (spec['replicas'] ?? 0) : undefined;
  if (typeof replicas === 'number' && Number.isInteger(replicas)) return replicas;
  const problem = 'spec.replicas must be an integer';
  throw apiError('BadRequest', `Scale in version "v1" cannot be handled as a Scale: ${problem}`);
}

function pathsOf({ kind }: ResourceContext): ScaleSubresource {
  const { scaleSubresource } = kind.served;
  if (scaleSubresource === undefined) throw notFound(kind, '');
  return scaleSubresource;
}

function answer(object: JsonObject, context: ResourceContext): PlainAnswer {
  return { kind: 'plain', code: 200, body: toScale(object, pathsOf(context)) };
}
