import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, ownProperty } from '../../schema/json-object.ts';
import { ChildSets } from '../sets/child-sets.ts';
import { emptySet, type FieldSet, leafSet } from '../sets/field-set.ts';
import { fieldElement, type PathElement } from '../sets/path-element.ts';
import { type FieldType, isBlank, type MapType, typeOfStoredKey, typeOfValue } from './field-type.ts';
import { groupItems, type ListType, typeOfItem } from './list-items.ts';

/** What a write did, path by path; parents that come or go are part of it, those that stay are not. */
export interface Difference {
  readonly added: FieldSet;
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const none: Difference = { added: emptySet, changed: emptySet, removed: emptySet };
const addedHere: Difference = { ...none, added: leafSet };
const changedHere: Difference = { ...none, changed: leafSet };
const removedHere: Difference = { ...none, removed: leafSet };

/** Absent is undefined. The order of list items does not count, except in atomic lists. */
export function compareValues(before: unknown, after: unknown, type: FieldType): Difference {
  if (before === after) return none;
  const [left, right] = [typeOfValue(type, before), typeOfValue(type, after)];
  if (before !== undefined && after !== undefined && left.kind !== right.kind) {
    return compareKinds(before, after, type);
  }
  const actual = after === undefined ? left : right;
  if (actual.kind === 'leaf' || (isBlank(before) && isBlank(after))) return compareLeaves(before, after);
  return actual.kind === 'map' ? compareKeys(before, after, actual) : compareItems(before, after, actual);
}

function compareLeaves(before: unknown, after: unknown): Difference {
  if (before === undefined) return addedHere;
  if (after === undefined) return removedHere;
  return isDeepStrictEqual(before, after) ? none : changedHere;
}

/** An object became a list or a text, or the other way round: nothing below the one is below the other. */
function compareKinds(before: unknown, after: unknown, type: FieldType): Difference {
  const { removed } = isBlank(before) ? none : compareValues(before, emptied(before), type);
  const { added } = isBlank(after) ? none : compareValues(emptied(after), after, type);
  return { added, changed: leafSet, removed };
}

function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return isJsonObject(value) ? {} : value;
}

function compareKeys(before: unknown, after: unknown, type: MapType): Difference {
  const [left, right] = [asObject(before), asObject(after)];
  const below = new DifferencesBelow();
  const compareKey = (key: string): void => {
    const [old, fresh] = [ownProperty(left, key), ownProperty(right, key)];
    below.add(fieldElement(key), compareValues(old, fresh, typeOfStoredKey(type, key)));
  };
  for (const key of Object.keys(left)) if (left[key] !== ownProperty(right, key)) compareKey(key);
  for (const key of Object.keys(right)) if (!Object.hasOwn(left, key)) compareKey(key);
  return below.build(before, after);
}

function compareItems(before: unknown, after: unknown, type: ListType): Difference {
  const [left, right] = [groupItems(before, type), groupItems(after, type)];
  const below = new DifferencesBelow();
  const compareGroup = (element: PathElement): void => {
    const [old = [], fresh = []] = [left.get(element), right.get(element)];
    // Items that nothing tells apart are one field together.
    const difference =
      old.length <= 1 && fresh.length <= 1
        ? compareValues(old[0], fresh[0], typeOfItem(type))
        : compareLeaves(someOf(old), someOf(fresh));
    below.add(element, difference);
  };
  for (const element of left.keys()) compareGroup(element);
  for (const element of right.keys()) if (!left.has(element)) compareGroup(element);
  return below.build(before, after);
}

/** The differences of all that is in one object or list. */
class DifferencesBelow {
  readonly #added = new ChildSets();
  readonly #changed = new ChildSets();
  readonly #removed = new ChildSets();

  add(element: PathElement, { added, changed, removed }: Difference): void {
    this.#added.add(element, added);
    this.#changed.add(element, changed);
    this.#removed.add(element, removed);
  }

  /** The place itself has come or gone when it was, or is, absent. */
  build(before: unknown, after: unknown): Difference {
    return {
      added: this.#added.build(before === undefined),
      changed: this.#changed.build(false),
      removed: this.#removed.build(after === undefined),
    };
  }
}

function someOf(items: readonly unknown[]): readonly unknown[] | undefined {
  return items.length === 0 ? undefined : items;
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
