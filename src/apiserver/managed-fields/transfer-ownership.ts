import type { FindType } from './field-types.ts';
import { type Manager, withFields } from './manager.ts';
import { type FieldSet, intersect, isEmptySet, subtract, union } from './sets/field-set.ts';
import { compareValues, type Difference } from './typed/compare-values.ts';
import { retypeFields } from './typed/retype-fields.ts';

export interface Change {
  readonly before: unknown;
  readonly after: unknown;
  readonly findType: FindType;
}

/** What one manager loses through somebody else's write. */
export interface Loss {
  readonly manager: Manager;
  /** Fields that got another value: an applier may not take these without force. */
  readonly conflicts: FieldSet;
  /** The manager with what it still has. */
  readonly rest: Manager;
}

/** The differences that a write makes, in the terms of every version that somebody owns fields in. */
export function createComparison({
  before,
  after,
  findType,
}: Change): (apiVersion: string) => Difference | undefined {
  const known = new Map<string, Difference | undefined>();
  return (apiVersion) => {
    if (known.has(apiVersion)) return known.get(apiVersion);
    const type = findType(apiVersion);
    const difference = type === undefined ? undefined : compareValues(before, after, type);
    known.set(apiVersion, difference);
    return difference;
  };
}

/** Managers in a version that is no longer served are left out: nobody can say what their fields mean. */
export function findLosses(
  others: readonly Manager[],
  compare: (apiVersion: string) => Difference | undefined,
): Loss[] {
  return others.flatMap((manager) => {
    const difference = compare(manager.apiVersion);
    if (difference === undefined) return [];
    const { added, changed, removed } = difference;
    const conflicts = intersect(manager.fields, union(changed, added));
    const rest = subtract(subtract(manager.fields, conflicts), removed);
    return [{ manager, conflicts, rest: withFields(manager, rest) }];
  });
}

/** The managers in the terms of the schema as it is now. */
export function retypeManagers(managers: readonly Manager[], findType: FindType): Manager[] {
  return managers.map((manager) => {
    const type = findType(manager.apiVersion);
    return type === undefined ? manager : withFields(manager, retypeFields(manager.fields, type));
  });
}

export function keepOwners(managers: readonly Manager[]): Manager[] {
  return managers.filter(({ fields }) => !isEmptySet(fields));
}
