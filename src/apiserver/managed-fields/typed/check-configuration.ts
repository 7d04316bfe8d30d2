import { encodeJson } from '../../schema/encode-json.ts';
import { isJsonObject } from '../../schema/json-object.ts';
import { fieldElement, formatPath, type Path } from '../sets/path-element.ts';
import { entriesOf, type FieldType, type MapType, typeOfKey } from './field-type.ts';
import { identifyItems, keysOfItem, type ListType, typeOfItem } from './list-items.ts';

/** Why the object cannot be applied: fields that are not declared, wrong shapes, list items that cannot be told apart. */
export function checkConfiguration(value: unknown, type: FieldType, path: Path = []): string[] {
  if (value === null || value === undefined) return [];
  switch (type.kind) {
    case 'deduced':
      return [];
    case 'leaf':
      return checkShape(value, type.shape, path);
    case 'map':
      return isJsonObject(value) ? checkKeys(value, type, path) : checkShape(value, 'map', path);
    case 'set':
    case 'keyed-list':
      return Array.isArray(value) ? checkItems(value, type, path) : checkShape(value, 'list', path);
  }
}

function checkShape(value: unknown, shape: 'any' | 'list' | 'map', path: Path): string[] {
  const fits = { any: true, list: Array.isArray(value), map: isJsonObject(value) };
  if (fits[shape]) return [];
  return [`${formatPath(path)}: expected ${shape}, got ${encodeJson(value).slice(0, 100)}`];
}

function checkKeys(value: unknown, type: MapType, path: Path): string[] {
  return entriesOf(value).flatMap(([key, member]) => {
    const place = [...path, fieldElement(key)];
    const child = typeOfKey(type, key);
    if (child === undefined) return [`${formatPath(place)}: field not declared in schema`];
    return checkConfiguration(member, child, place);
  });
}

function checkItems(list: readonly unknown[], type: ListType, path: Path): string[] {
  const seen = new Set<string>();
  return identifyItems(list, type).flatMap(({ element, value }, index) => {
    const unusable = checkIdentity(value, type, index);
    if (unusable !== undefined) return [`${formatPath(path)}: ${unusable}`];
    if (seen.has(element)) {
      return [`${formatPath(path)}: duplicate entries for key ${formatPath([element])}`];
    }
    seen.add(element);
    return checkConfiguration(value, typeOfItem(type), [...path, element]);
  });
}

function checkIdentity(item: unknown, type: ListType, index: number): string | undefined {
  if (item === null) return `element ${index}: a list that merges cannot hold null`;
  if (type.kind === 'set') return undefined;
  if (!isJsonObject(item)) return `element ${index}: expected map, got ${encodeJson(item).slice(0, 100)}`;
  const present = keysOfItem(item, type).map(([name]) => name);
  const missing = type.keys.find(({ name }) => !present.includes(name));
  if (missing === undefined) return undefined;
  return (
    `element ${index}: associative list with keys has an element that omits key field ` +
    `${JSON.stringify(missing.name)} (and doesn't have default value)`
  );
}
