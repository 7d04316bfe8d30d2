import { apiError, isApiError } from '../../api/api-error.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { admitWrite } from '../admission/admit.ts';
import { decodeObject } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { typesOfKind } from '../managed-fields/field-types.ts';
import { type Tracking, trackWrite } from '../managed-fields/track-write.ts';
import { commitWrite } from '../registry/commit-write.ts';
import { LostRace, withFreshState } from '../registry/fresh-state.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { withRevision } from '../registry/object-codec.ts';
import { checkEnvelope, prepareCreate, validateObject } from '../registry/prepare-object.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { alreadyExists, checkNamespaceMatches, keyOfPlace, placeOfNew } from './object-place.ts';
import type { ObjectAnswer, ResourceContext } from './resource-context.ts';
import { trackUpdate } from './track-update.ts';
import { type WriteOptions, parseWriteOptions, reportFindings } from './write-options.ts';

const maxGenerateAttempts = 8;

export async function createObject(deps: ServerDeps, context: ResourceContext): Promise<ObjectAnswer> {
  const { exchange, kind, info } = context;
  const options = parseWriteOptions(exchange.url.searchParams, 'CreateOptions');
  const contentType = headerOf(exchange.request, 'content-type');
  const { value, duplicateFields } = decodeObject(await readBody(exchange), contentType, kind.served.kind);
  const input = checkEnvelope(kind, value);
  if (kind.served.namespaced && info.namespace === undefined) {
    const { kind: plural, group } = { kind: kind.served.plural, group: kind.served.group };
    throw apiError('MethodNotAllowed', `create needs a namespace in the path of ${plural}`, {
      group,
      kind: plural,
    });
  }
  checkNamespaceMatches(context, input);
  if ((metadataOf(input).resourceVersion ?? '') !== '') {
    throw apiError('BadRequest', 'resourceVersion should not be set on objects to be created');
  }
  return {
    kind: 'object',
    code: 201,
    object: await insert(deps, context, { input, duplicateFields, options }),
  };
}

export interface NewObject {
  readonly input: JsonObject;
  readonly duplicateFields: readonly string[];
  readonly options: WriteOptions;
  /** How the write is remembered in managedFields; as an ordinary one unless something else is said. */
  readonly tracking?: Tracking;
}

/** Stores the object; a generated name that is taken is replaced by another one. */
export async function insert(
  deps: ServerDeps,
  context: ResourceContext,
  draft: NewObject,
): Promise<JsonObject> {
  const isNameGenerated = ((metadataOf(draft.input) as { name?: string }).name ?? '') === '';
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withFreshState(deps.store, context.exchange.signal, () =>
        insertOnce(deps, context, draft),
      );
    } catch (error) {
      const isTaken = isNameGenerated && isApiError(error, 'AlreadyExists');
      if (!isTaken || attempt >= maxGenerateAttempts) throw error;
    }
  }
}

async function insertOnce(
  deps: ServerDeps,
  context: ResourceContext,
  { input, duplicateFields, options, tracking }: NewObject,
): Promise<JsonObject> {
  const { kind, exchange, user, term } = context;
  const place = placeOfNew(context, input);
  const { object: prepared, unknownFields } = prepareCreate(kind, input, place, deps.clock.now());
  reportFindings({ unknownFields, duplicateFields }, options.fieldValidation, {
    ...kind.served,
    warnings: exchange.warnings,
  });
  const admission = { operation: 'create', kind, place, user, object: prepared } as const;
  validateObject(kind, prepared, undefined, exchange.warnings);
  const { object: admitted, conditions } = admitWrite(admission, deps);
  const object = trackWrite(tracking ?? trackUpdate(context, { input, options }), {
    ...{ stored: undefined, object: admitted, isChanged: true },
    ...{ time: formatTimestamp(deps.clock.now()), findType: typesOfKind(deps.registry, kind) },
  });

  const key = keyOfPlace(kind, place);
  const write = {
    operation: { kind: 'put', key, value: kind.codec.encode(object) },
    conditions: [{ key, revision: 0 }, ...conditions],
    isDryRun: options.isDryRun,
    ...(term === undefined ? {} : { term }),
  } as const;
  const result = await commitWrite(deps, write, exchange.signal);
  switch (result.kind) {
    case 'written':
      return withRevision(object, result.revision);
    case 'dry-run':
      return object;
    case 'conflict': {
      const refusal = alreadyExists(kind, place.name, isTerminating(deps, context, key));
      throw result.key === key ? refusal : new LostRace(refusal);
    }
  }
}

function isTerminating({ store }: ServerDeps, { kind }: ResourceContext, key: string): boolean {
  const entry = store.get(key);
  return entry !== undefined && metadataOf(kind.codec.decode(entry)).deletionTimestamp !== undefined;
}
