import { formatTimestamp } from '../../api/timestamp.ts';
import { applyToObject } from '../managed-fields/apply-to-object.ts';
import { typesOfKind } from '../managed-fields/field-types.ts';
import type { ApplyTracking } from '../managed-fields/track-write.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { invalidObject } from '../schema/field-cause.ts';
import { findForbiddenNulls } from '../schema/forbidden-nulls.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { ApplyOptions } from './apply-options.ts';
import type { ResourceContext } from './resource-context.ts';
import { managerIdentity } from './track-update.ts';

interface Merge {
  readonly configuration: JsonObject;
  readonly options: ApplyOptions;
  /** An empty object when there is none yet. */
  readonly live: JsonObject;
}

/** What is to be stored, and how it is to be remembered; throws the 409 with all conflicts. */
export function mergeApplied(
  { clock, registry }: ServerDeps,
  context: ResourceContext,
  { configuration, options, live }: Merge,
): { readonly input: JsonObject; readonly tracking: ApplyTracking } {
  const { kind } = context;
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
