import type { JsonObject } from './json-object.ts';

/** Marks a key that the copy shall not have. */
export const removed = Symbol('removed');

/** Copies only when `change` answers another value for some item, so that unchanged trees are shared. */
export function mapItems(
  items: readonly unknown[],
  change: (item: unknown, index: number) => unknown,
): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const next = change(item, index);
    if (next === item) continue;
    copy ??= [...items];
    copy[index] = next;
  }
  return copy ?? items;
}

/** The same for the values of an object; `removed` takes the key out. */
export function mapValues(object: JsonObject, change: (value: unknown, key: string) => unknown): JsonObject {
  let copy: JsonObject | undefined;
  for (const [key, value] of Object.entries(object)) {
    const next = change(value, key);
    if (next === value) continue;
    copy ??= { ...object };
    if (next === removed) Reflect.deleteProperty(copy, key);
    else copy[key] = next;
  }
  return copy ?? object;
}
