import assert from 'node:assert/strict';
import type { JsonObject } from '../schema/json-object.ts';
import type { Conflict } from './conflicts.ts';
import type { FindType } from './field-types.ts';
import { isSameManager, type Manager, type ManagerIdentity } from './manager.ts';
import { recordUpdate } from './record-update.ts';
import { withoutServerOwned } from './server-owned.ts';
import { equalSets, isEmptySet, subtract, subtractTrees, union } from './sets/field-set.ts';
import { createComparison, findLosses, keepOwners, retypeManagers } from './transfer-ownership.ts';
import { fieldSetOf } from './typed/field-set-of.ts';
import type { FieldType } from './typed/field-type.ts';
import { mergeValues } from './typed/merge-values.ts';
import { withNamedParents } from './typed/named-parents.ts';
import { removeFields } from './typed/remove-fields.ts';

export interface ApplyRequest {
  /** An empty object when there is none yet. */
  readonly live: JsonObject;
  readonly managers: readonly Manager[];
  /** What the applier wants, checked against the type, with the name of the object. */
  readonly configuration: JsonObject;
  readonly self: ManagerIdentity;
  readonly isForced: boolean;
  readonly time: string;
  readonly findType: FindType;
  /** Fills in what the schema says where nobody says anything. */
  readonly applyDefaults: (object: JsonObject) => JsonObject;
}

export type Applied =
  | { readonly kind: 'applied'; readonly object: JsonObject; readonly managers: readonly Manager[] }
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] };

/**
 * Server-side apply: the live object with everything that the configuration says, and without what the same applier
 * said before, says no more, and nobody else owns. The object is not validated yet.
 */
export function applyConfiguration(request: ApplyRequest): Applied {
  const { live, configuration, self, isForced, time, findType } = request;
  const type = findType(self.apiVersion);
  assert(type !== undefined, `no type for ${self.apiVersion}, which is being served`);
  const managers = withFirstOwner(request);
  const previous = managers.find((manager) => isSameManager(manager, self));
  const others = managers.filter((manager) => manager !== previous);
  const claimed = fieldSetOf(configuration, type);
  const merged = mergeValues(live, configuration, type);
  const owned = others.reduce((set, { fields }) => union(set, fields), claimed);
  const previousType = previous === undefined ? undefined : (findType(previous.apiVersion) ?? type);
  const kept =
    previous === undefined || previousType === undefined
      ? merged
      : // An empty list claims nothing, and yet it was asked for: what goes with its parent comes back.
        mergeValues(
          dropAbandoned(merged, { abandoned: previous.fields, owned, type: previousType }),
          configuration,
          type,
        );

  // Defaults are part of the comparison: one inside an atomic value would make it differ from what was applied.
  const object = request.applyDefaults(kept as JsonObject); // both of its parts were objects
  const losses = findLosses(others, createComparison({ before: live, after: object, findType }));
  const conflicts = losses
    .filter((loss) => !isEmptySet(loss.conflicts))
    .map(({ manager, conflicts: fields }) => ({ manager, fields }));
  if (conflicts.length > 0 && !isForced) return { kind: 'conflict', conflicts };
  const applier = keepApplier(previous, { ...self, time, fields: withoutServerOwned(claimed) });
  const managersAfter = keepOwners([...losses.map(({ rest }) => rest), applier]);
  return { kind: 'applied', object, managers: managersAfter };
}

/** Until somebody applies, an object may have no owners; then whatever it has belongs to nobody's apply. */
function withFirstOwner({ live, managers, self, time, findType }: ApplyRequest): readonly Manager[] {
  if (managers.length > 0) return retypeManagers(managers, findType);
  if (Object.keys(live).length === 0) return managers;
  const first: ManagerIdentity = {
    ...{ name: 'before-first-apply', operation: 'Update', apiVersion: self.apiVersion },
    subresource: '',
  };
  return recordUpdate({ before: {}, after: live, managers, self: first, time, findType });
}

interface Abandonment {
  /** What the applier owned until now. */
  readonly abandoned: Manager['fields'];
  /** What anybody owns from now on, the applier included. */
  readonly owned: Manager['fields'];
  readonly type: FieldType;
}

function dropAbandoned(merged: unknown, { abandoned, owned, type }: Abandonment): unknown {
  const claimed = withNamedParents(abandoned, type);
  const unowned = subtract(claimed, withNamedParents(owned, type));
  // With an item go the fields in it, whoever owns them; then its parent may be nobody's any more as well.
  const dropped = subtract(claimed, withNamedParents(subtractTrees(owned, unowned), type));
  return isEmptySet(dropped) ? merged : removeFields(merged, dropped, type);
}

/** The entry as it was when it says the same, so that its time stands still. */
function keepApplier(previous: Manager | undefined, applier: Manager): Manager {
  const isSame = previous?.apiVersion === applier.apiVersion && equalSets(previous.fields, applier.fields);
  return isSame ? previous : applier;
}
