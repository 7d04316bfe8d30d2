import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, ownProperty } from '../../schema/json-object.ts';
import type { FieldSet } from '../sets/field-set.ts';
import { FieldSetBuilder } from '../sets/field-set-builder.ts';
import { fieldElement, type PathElement } from '../sets/path-element.ts';
import { type FieldType, isBlank, type MapType, typeOfStoredKey, typeOfValue } from './field-type.ts';
import { groupItems, type ListType, typeOfItem } from './list-items.ts';

/** What a write did, path by path; parents that come or go are part of it, those that stay are not. */
export interface Difference {
  readonly added: FieldSet;
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** The order of list items does not count, except in atomic lists. */
export function compareValues(before: unknown, after: unknown, type: FieldType): Difference {
  const found: Findings = {
    path: [],
    added: new FieldSetBuilder(),
    changed: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  compareAt({ before, after, type }, found);
  return { added: found.added.build(), changed: found.changed.build(), removed: found.removed.build() };
}

interface Findings extends Readonly<Record<keyof Difference, FieldSetBuilder>> {
  /** Where the walk is; one list for all of it, since most places it passes are of no interest. */
  readonly path: PathElement[];
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly type: FieldType;
}

function compareBelow(element: PathElement, pair: Pair, found: Findings): void {
  found.path.push(element);
  compareAt(pair, found);
  found.path.pop();
}

function compareAt(pair: Pair, found: Findings): void {
  const { before, after, type } = pair;
  if (before === after) return;
  const [left, right] = [typeOfValue(type, before), typeOfValue(type, after)];
  if (before !== undefined && after !== undefined && left.kind !== right.kind) {
    compareKinds(pair, found);
    return;
  }
  const actual = after === undefined ? left : right;
  if (actual.kind === 'leaf' || (isBlank(before) && isBlank(after))) {
    compareLeaves(pair, found);
    return;
  }
  if (actual.kind === 'map') compareKeys(pair, actual, found);
  else compareItems(pair, actual, found);
  noteParent(pair, found);
}

function noteParent({ before, after }: Pair, found: Findings): void {
  if (before === undefined) found.added.add(found.path);
  else if (after === undefined) found.removed.add(found.path);
}

function compareLeaves(pair: Pair, found: Findings): void {
  const { before, after } = pair;
  if (before === undefined || after === undefined) noteParent(pair, found);
  else if (!isDeepStrictEqual(before, after)) found.changed.add(found.path);
}

/** An object became a list or a text, or the other way round: nothing below the one is below the other. */
function compareKinds(pair: Pair, found: Findings): void {
  const { before, after } = pair;
  const blank = (value: unknown): unknown => (Array.isArray(value) ? [] : isJsonObject(value) ? {} : value);
  if (!isBlank(before)) compareAt({ ...pair, after: blank(before) }, found);
  if (!isBlank(after)) compareAt({ ...pair, before: blank(after) }, found);
  found.changed.add(found.path);
}

function compareKeys({ before, after }: Pair, type: MapType, found: Findings): void {
  const [left, right] = [asObject(before), asObject(after)];
  const compareKey = (key: string): void => {
    const pair = {
      before: ownProperty(left, key),
      after: ownProperty(right, key),
      type: typeOfStoredKey(type, key),
    };
    compareBelow(fieldElement(key), pair, found);
  };
  for (const key of Object.keys(left)) {
    if (left[key] !== ownProperty(right, key)) compareKey(key);
  }
  for (const key of Object.keys(right)) if (!Object.hasOwn(left, key)) compareKey(key);
}

function compareItems({ before, after }: Pair, type: ListType, found: Findings): void {
  const [left, right] = [groupItems(before, type), groupItems(after, type)];
  const compareGroup = (element: PathElement): void => {
    const [old = [], fresh = []] = [left.get(element), right.get(element)];
    const isTold = old.length <= 1 && fresh.length <= 1;
    // Items that nothing tells apart are one field together.
    const pair = isTold
      ? { before: old[0], after: fresh[0], type: typeOfItem(type) }
      : { before: someOf(old), after: someOf(fresh), type: atomic };
    compareBelow(element, pair, found);
  };
  for (const element of left.keys()) compareGroup(element);
  for (const element of right.keys()) if (!left.has(element)) compareGroup(element);
}

const atomic: FieldType = { kind: 'leaf', shape: 'any' };

function someOf(items: readonly unknown[]): readonly unknown[] | undefined {
  return items.length === 0 ? undefined : items;
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
