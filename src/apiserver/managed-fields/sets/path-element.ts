import { decodeJson } from '../../schema/decode-json.ts';
import { isJsonObject, type JsonObject } from '../../schema/json-object.ts';
import { encodeSorted } from './encode-sorted.ts';

/**
 * One step of a path, in the text form of FieldsV1: `f:name` a key of an object, `k:{"name":"http"}` a list item by
 * its keys, `v:"x"` an item of a set, `i:0` a list item by its place. Equal steps are equal texts.
 */
export type PathElement = string;
export type Path = readonly PathElement[];

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** `keys` must come in the order of their names. */
export function keyElement(keys: readonly (readonly [string, unknown])[]): PathElement {
  const members = keys.map(([name, value]) => `${JSON.stringify(name)}:${encodeSorted(value)}`);
  return `k:{${members.join(',')}}`;
}

export function valueElement(value: unknown): PathElement {
  return `v:${encodeSorted(value)}`;
}

// The same few steps are in the entries of all objects of a kind, and each would be decoded with every write.
const normalized = new Map<string, PathElement>();
const maxNormalized = 4096;
const maxTextLength = 256;

/** Clients may write JSON in another form than ours; undefined when the text is no step at all. */
export function normalizeElement(text: string): PathElement | undefined {
  if (text.startsWith('f:')) return text;
  const known = normalized.get(text);
  if (known !== undefined) return known;
  const element = normalizeJson(text);
  if (element === undefined) return undefined;
  if (text.length > maxTextLength) return element;
  if (normalized.size >= maxNormalized) normalized.clear();
  normalized.set(text, element);
  return element;
}

function normalizeJson(text: string): PathElement | undefined {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'k:': {
      const keys = tryDecode(rest);
      return isJsonObject(keys) ? `k:${encodeSorted(keys)}` : undefined;
    }
    case 'v:': {
      const value = tryDecode(rest);
      return value === undefined ? undefined : valueElement(value);
    }
    case 'i:':
      return /^\d{1,9}$/u.test(rest) ? text : undefined;
    default:
      return undefined;
  }
}

/** `.spec.ports[name="http"].port`, as conflicts name it. */
export function formatPath(path: Path): string {
  return path.map(formatElement).join('');
}

function formatElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'k:': {
      const keys = decodeJson(rest).value as JsonObject; // only objects get past normalizeElement and keyElement
      const pairs = Object.entries(keys).map(([key, value]) => `${key}=${encodeSorted(value)}`);
      return `[${pairs.join(',')}]`;
    }
    case 'v:':
      return `[=${rest}]`;
    case 'i:':
      return `[${rest}]`;
    default:
      return `.${rest}`;
  }
}

function tryDecode(text: string): unknown {
  try {
    return decodeJson(text).value;
  } catch {
    return undefined; // The caller refuses the whole entry.
  }
}
