import { isDeepStrictEqual } from 'node:util';
import type { StoredEntry } from '../../consensus/store/store.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { admitWrite } from '../admission/admit.ts';
import { typesOfKind } from '../managed-fields/field-types.ts';
import { managedFieldsOf } from '../managed-fields/managed-fields-of.ts';
import { type Tracking, trackWrite } from '../managed-fields/track-write.ts';
import { type Write, commitWrite } from '../registry/commit-write.ts';
import { LostRace } from '../registry/fresh-state.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { withRevision } from '../registry/object-codec.ts';
import { pendingFinalizers } from '../registry/finalizers.ts';
import { prepareUpdate, validateObject } from '../registry/prepare-object.ts';
import type { ObjectPlace } from '../registry/storage-key.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { conflict } from './object-place.ts';
import type { ResourceContext } from './resource-context.ts';
import { type WriteOptions, reportFindings } from './write-options.ts';

export interface Replacement {
  readonly place: ObjectPlace;
  readonly entry: StoredEntry;
  readonly input: JsonObject;
  readonly duplicateFields: readonly string[];
  readonly options: WriteOptions;
  readonly tracking: Tracking;
}

/**
 * The common end of updates and patches: puts `input` in the place of `entry`, or answers the stored object when that
 * would change nothing. Throws `LostRace` when the entry is no longer the newest.
 */
export async function replaceObject(
  deps: ServerDeps,
  context: ResourceContext,
  { place, entry, input, duplicateFields, options, tracking }: Replacement,
): Promise<JsonObject> {
  const { kind, exchange, user, term } = context;
  const stored = kind.codec.decode(entry);
  checkPreconditions(context, input, stored);
  const { subresource } = context.info;
  const { object: prepared, unknownFields } = prepareUpdate(kind, input, stored, subresource);
  reportFindings({ unknownFields, duplicateFields }, options.fieldValidation, {
    ...kind.served,
    warnings: exchange.warnings,
  });
  const admission = {
    operation: 'update' as const,
    ...{ kind, place, user, stored, object: prepared },
    ...(subresource === undefined ? {} : { subresource }),
  };
  validateObject(kind, prepared, stored, exchange.warnings);
  const { object: admitted, conditions } = admitWrite(admission, deps);
  const isChanged = !isDeepStrictEqual(withRevision(admitted, entry.revision), stored);
  const object = trackWrite(tracking, {
    ...{ stored, object: admitted, isChanged },
    ...{ time: formatTimestamp(deps.clock.now()), findType: typesOfKind(deps.registry, kind) },
  });
  if (!isChanged && managedFieldsOf(object) === managedFieldsOf(stored)) return stored;

  const isRemoval = metadataOf(object).deletionTimestamp !== undefined;
  const isGone = isRemoval && pendingFinalizers(object).length === 0;
  const write: Write = {
    operation: isGone
      ? { kind: 'delete', key: entry.key }
      : { kind: 'put', key: entry.key, value: kind.codec.encode(object) },
    conditions: [{ key: entry.key, revision: entry.revision }, ...conditions],
    isDryRun: options.isDryRun,
    isRemoval,
    ...(term === undefined ? {} : { term }),
  };
  const result = await commitWrite(deps, write, exchange.signal);
  if (result.kind === 'conflict') throw new LostRace(conflict(kind, place.name));
  const hasNewRevision = result.kind === 'written' && !isGone;
  return withRevision(object, hasNewRevision ? result.revision : entry.revision);
}

function checkPreconditions({ kind }: ResourceContext, input: JsonObject, stored: JsonObject): void {
  const { uid = '', resourceVersion = '' } = metadataOf(input);
  const current = metadataOf(stored);
  if (uid !== '' && uid !== current.uid) {
    const problem = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.uid ?? ''}`;
    throw conflict(kind, current.name, problem);
  }
  const hasPrecondition = resourceVersion !== '' && resourceVersion !== '0';
  if (hasPrecondition && resourceVersion !== current.resourceVersion) throw conflict(kind, current.name);
}
