import { isJsonObject, type JsonObject } from '../../schema/json-object.ts';
import type { FieldSet } from '../sets/field-set.ts';
import { fieldElement, type PathElement } from '../sets/path-element.ts';
import { type FieldType, type MapType, typeOfStoredKey, typeOfValue } from './field-type.ts';
import { identifyItems, type ListType, typeOfItem } from './list-items.ts';

/** The value without the members of the set, each with all that is below it. Emptied parents stay. */
export function removeFields(value: unknown, set: FieldSet, type: FieldType): unknown {
  if (set.children.size === 0) return value;
  const actual = typeOfValue(type, value);
  switch (actual.kind) {
    case 'leaf':
      return value;
    case 'map':
      return isJsonObject(value) ? removeKeys(value, set, actual) : value;
    case 'set':
    case 'keyed-list':
      return Array.isArray(value) ? removeItems(value, set, actual) : value;
  }
}

function removeKeys(value: JsonObject, set: FieldSet, type: MapType): JsonObject {
  const kept = Object.entries(value).flatMap(([key, member]) =>
    keep(set, fieldElement(key), member, typeOfStoredKey(type, key)).map((rest) => [key, rest] as const),
  );
  return Object.fromEntries(kept);
}

function removeItems(list: readonly unknown[], set: FieldSet, type: ListType): unknown[] {
  return identifyItems(list, type).flatMap(({ element, value }) =>
    keep(set, element, value, typeOfItem(type)),
  );
}

/** Nothing, or the one value that is left. */
function keep({ children }: FieldSet, element: PathElement, value: unknown, type: FieldType): unknown[] {
  const below = children.get(element);
  if (below === undefined) return [value];
  return below.isMember ? [] : [removeFields(value, below, type)];
}
