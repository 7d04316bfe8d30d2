import { isJsonObject, ownProperty } from '../../schema/json-object.ts';
import { keyElement, type PathElement, valueElement } from '../sets/path-element.ts';
import type { FieldType, KeyedListType, SetType } from './field-type.ts';

export type ListType = KeyedListType | SetType;

export interface ListItem {
  readonly element: PathElement;
  readonly value: unknown;
}

/** The items with what tells them apart, in order. */
export function identifyItems(list: unknown, type: ListType): ListItem[] {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return items.map((value) => ({ element: identify(value, type), value }));
}

/** A list that is older than its list type may hold an item twice. */
export function groupItems(list: unknown, type: ListType): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  for (const { element, value } of identifyItems(list, type)) {
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [value]);
    else group.push(value);
  }
  return groups;
}

/** The items of a set are owned as a whole. */
export function typeOfItem(type: ListType): FieldType {
  return type.kind === 'set' ? { kind: 'leaf', shape: 'any' } : type.item;
}

/** The fields that tell an item apart, with their defaults; those that have neither are left out. */
export function keysOfItem(item: unknown, { keys }: KeyedListType): (readonly [string, unknown])[] {
  const present: (readonly [string, unknown])[] = [];
  for (const { name, default: otherwise } of keys) {
    const value = (isJsonObject(item) ? ownProperty(item, name) : undefined) ?? otherwise;
    if (value !== undefined) present.push([name, value]);
  }
  return present;
}

function identify(item: unknown, type: ListType): PathElement {
  return type.kind === 'set' ? valueElement(item) : keyElement(keysOfItem(item, type));
}
