import { encodeJson } from '../../schema/encode-json.ts';
import { isJsonObject } from '../../schema/json-object.ts';

/** JSON with the keys in order: equal values give equal texts, and the same ones that clients written in Go produce. */
export function encodeSorted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return encodeJson(sortKeys(value));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const sorted = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, sortKeys(member)]));
}
