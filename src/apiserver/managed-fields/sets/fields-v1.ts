import { isJsonObject, type JsonObject } from '../../schema/json-object.ts';
import { emptySet, type FieldSet, leafSet } from './field-set.ts';
import { normalizeElement, type PathElement } from './path-element.ts';

/** In FieldsV1 a leaf is `{}`, and a node that has children says with this key that it is a member itself. */
const selfKey = '.';

/** FieldsV1 as JSON, keys in a stable order. The root is never a member. */
export function encodeFields({ children }: FieldSet): JsonObject {
  return encodeChildren(children);
}

function encodeNode({ isMember, children }: FieldSet): JsonObject {
  const below = encodeChildren(children);
  return isMember && children.size > 0 ? { [selfKey]: {}, ...below } : below;
}

function encodeChildren(children: FieldSet['children']): JsonObject {
  const encoded: JsonObject = {};
  for (const element of [...children.keys()].sort()) {
    const child = children.get(element);
    if (child !== undefined) encoded[element] = encodeNode(child);
  }
  return encoded;
}

const parsed = new WeakMap<JsonObject, FieldSet>();

/** Undefined when it is no FieldsV1. Decoded objects are shared and never change, so each is parsed once. */
export function parseFields(fields: unknown): FieldSet | undefined {
  if (!isJsonObject(fields)) return undefined;
  const known = parsed.get(fields);
  if (known !== undefined) return known;
  const children = parseChildren(fields);
  if (children === undefined) return undefined;
  const set: FieldSet = { isMember: false, children };
  parsed.set(fields, set);
  return set;
}

function parseNode(node: unknown): FieldSet | undefined {
  if (!isJsonObject(node)) return undefined;
  const children = parseChildren(node);
  if (children === undefined) return undefined;
  if (children.size === 0) return leafSet;
  return { isMember: Object.hasOwn(node, selfKey), children };
}

function parseChildren(node: JsonObject): FieldSet['children'] | undefined {
  let children: Map<PathElement, FieldSet> | undefined;
  for (const text in node) {
    if (text === selfKey) continue;
    const element = normalizeElement(text);
    const child = element === undefined ? undefined : parseNode(node[text]);
    if (element === undefined || child === undefined) return undefined;
    children ??= new Map();
    children.set(element, child);
  }
  return children ?? emptySet.children;
}
