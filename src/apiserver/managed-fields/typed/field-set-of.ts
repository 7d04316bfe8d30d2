import type { FieldSet } from '../sets/field-set.ts';
import { FieldSetBuilder } from '../sets/field-set-builder.ts';
import { fieldElement, type Path } from '../sets/path-element.ts';
import {
  entriesOf,
  type FieldType,
  isBlank,
  isNamedKey,
  type MapType,
  typeOfStoredKey,
  typeOfValue,
} from './field-type.ts';
import { identifyItems, typeOfItem } from './list-items.ts';
import { isJsonObject } from '../../schema/json-object.ts';

/**
 * The paths that an applied object claims: its leaves, the items of its lists, and the keys that it chose. A parent
 * that the schema names is claimed only when it is empty.
 */
export function fieldSetOf(value: unknown, type: FieldType): FieldSet {
  const set = new FieldSetBuilder();
  claim(value, type, [], set);
  return set.build();
}

function claim(value: unknown, type: FieldType, path: Path, set: FieldSetBuilder): void {
  const actual = typeOfValue(type, value);
  switch (actual.kind) {
    case 'leaf':
      set.add(path);
      break;
    case 'map':
      claimKeys(value, actual, path, set);
      break;
    case 'set':
    case 'keyed-list':
      for (const { element, value: item } of identifyItems(value, actual)) {
        const place = [...path, element];
        set.add(place);
        claim(item, typeOfItem(actual), place, set);
      }
  }
}

function claimKeys(value: unknown, type: MapType, path: Path, set: FieldSetBuilder): void {
  for (const [key, member] of entriesOf(value)) {
    const place = [...path, fieldElement(key)];
    claim(member, typeOfStoredKey(type, key), place, set);
    const isEmpty = member === null || (isJsonObject(member) && isBlank(member));
    if (isEmpty || !isNamedKey(type, key)) set.add(place);
  }
}
