import type { JsonObject } from '../schema/json-object.ts';
import { capManagers } from './cap-managers.ts';
import type { FindType } from './field-types.ts';
import { isSameManager, type Manager, type ManagerIdentity } from './manager.ts';
import { withoutServerOwned } from './server-owned.ts';
import { emptySet, isEmptySet, subtract, union } from './sets/field-set.ts';
import { createComparison, findLosses, keepOwners, retypeManagers } from './transfer-ownership.ts';

export interface UpdateRecord {
  /** An empty object when there was none. */
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly managers: readonly Manager[];
  readonly self: ManagerIdentity;
  readonly time: string;
  readonly findType: FindType;
}

/** Who owns what after a write that was no apply: the writer owns what it changed, and nobody what is gone. */
export function recordUpdate(record: UpdateRecord): readonly Manager[] {
  const { before, after, self, time, findType } = record;
  const managers = retypeManagers(record.managers, findType);
  const compare = createComparison({ before, after, findType });
  const others = managers.filter((manager) => !isSameManager(manager, self));
  const kept = findLosses(others, compare).map(({ rest }) => rest);
  const writer = recordWriter(managers.find((manager) => isSameManager(manager, self)));
  return capManagers(keepOwners(writer === undefined ? kept : [...kept, writer]));

  function recordWriter(previous: Manager | undefined): Manager | undefined {
    const difference = compare(self.apiVersion);
    if (difference === undefined) return previous;
    const { added, changed, removed } = difference;
    const taken = withoutServerOwned(union(changed, added));
    const fields = union(subtract(previous?.fields ?? emptySet, removed), taken);
    if (previous !== undefined && isEmptySet(taken) && fields === previous.fields) return previous;
    return { ...self, time, fields };
  }
}
