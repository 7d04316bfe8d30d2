import { isJsonObject } from '../../schema/json-object.ts';
import { asMember, ChildSets } from '../sets/child-sets.ts';
import { type FieldSet, leafSet } from '../sets/field-set.ts';
import { fieldElement } from '../sets/path-element.ts';
import {
  entriesOf,
  type FieldType,
  isBlank,
  isNamedKey,
  type MapType,
  typeOfStoredKey,
  typeOfValue,
} from './field-type.ts';
import { identifyItems, type ListType, typeOfItem } from './list-items.ts';

/**
 * The paths that an applied object claims: its leaves, the items of its lists, and the keys that it chose. A parent
 * that the schema names is claimed only when it is empty.
 */
export function fieldSetOf(value: unknown, type: FieldType): FieldSet {
  const actual = typeOfValue(type, value);
  switch (actual.kind) {
    case 'leaf':
      return leafSet;
    case 'map':
      return claimKeys(value, actual);
    case 'set':
    case 'keyed-list':
      return claimItems(value, actual);
  }
}

function claimKeys(value: unknown, type: MapType): FieldSet {
  const claimed = new ChildSets();
  for (const [key, member] of entriesOf(value)) {
    const below = fieldSetOf(member, typeOfStoredKey(type, key));
    const isEmpty = member === null || (isJsonObject(member) && isBlank(member));
    const isChosen = isEmpty || !isNamedKey(type, key);
    claimed.add(fieldElement(key), isChosen ? asMember(below) : below);
  }
  return claimed.build(false);
}

function claimItems(list: unknown, type: ListType): FieldSet {
  const claimed = new ChildSets();
  for (const { element, value } of identifyItems(list, type)) {
    claimed.add(element, asMember(fieldSetOf(value, typeOfItem(type))));
  }
  return claimed.build(false);
}
