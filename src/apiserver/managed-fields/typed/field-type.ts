import { childSchema, keepsUnknown } from '../../schema/child-schema.ts';
import { isJsonObject, type JsonObject } from '../../schema/json-object.ts';
import type { OpenApiSchema } from '../../schema/open-api-schema.ts';
import { withResourceFields } from '../../schema/whole-schema.ts';
import type { PathElement } from '../sets/path-element.ts';

/** How a value is owned and merged: the part of a schema that server-side apply looks at. */
export type FieldType = DeducedType | KeyedListType | LeafType | MapType | SetType;

/** One field, whatever is in it: scalars, atomic lists and atomic objects. */
export interface LeafType {
  readonly kind: 'leaf';
  readonly shape: 'any' | 'list' | 'map';
}

/** Each key is owned by itself. */
export interface MapType {
  readonly kind: 'map';
  readonly schema: OpenApiSchema;
  /** The type of keys that the schema does not name; undefined when there must be none. */
  readonly rest: FieldType | undefined;
}

/** A list of scalars, each owned by itself. */
export interface SetType {
  readonly kind: 'set';
}

/** A list of objects that some of their fields tell apart. */
export interface KeyedListType {
  readonly kind: 'keyed-list';
  /** In the order of their names. */
  readonly keys: readonly { readonly name: string; readonly default: unknown }[];
  readonly item: FieldType;
}

/** No schema: objects are maps, everything else is a leaf. */
export interface DeducedType {
  readonly kind: 'deduced';
}

const leaf: LeafType = { kind: 'leaf', shape: 'any' };
const deduced: DeducedType = { kind: 'deduced' };
const deducedMap: MapType = { kind: 'map', schema: {}, rest: deduced };

const ofRoots = new WeakMap<OpenApiSchema, FieldType>();
const ofSchemas = new WeakMap<OpenApiSchema, FieldType>();

/** The type of whole objects of a kind: apiVersion, kind and metadata are completed, at the root and in embedded ones. */
export function typeOfObject(schema: OpenApiSchema): FieldType {
  return remember(ofRoots, schema, () => typeOf(withResourceFields(schema)));
}

export function typeOf(schema: OpenApiSchema): FieldType {
  return remember(ofSchemas, schema, () => buildType(schema));
}

function remember(
  known: WeakMap<OpenApiSchema, FieldType>,
  schema: OpenApiSchema,
  build: () => FieldType,
): FieldType {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const built = build();
  known.set(schema, built);
  return built;
}

function buildType(schema: OpenApiSchema): FieldType {
  if (schema['x-kubernetes-int-or-string'] === true) return leaf;
  if (schema.type === 'array') return buildListType(schema);
  if (schema.type === 'object' || schema.properties !== undefined) return buildMapType(schema);
  return schema.type === undefined ? deduced : leaf;
}

function buildMapType(schema: OpenApiSchema): FieldType {
  if (schema['x-kubernetes-map-type'] === 'atomic') return { kind: 'leaf', shape: 'map' };
  const { properties, additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    return { kind: 'map', schema, rest: typeOf(additionalProperties) };
  }
  const isFreeForm = properties === undefined || Object.keys(properties).length === 0;
  return { kind: 'map', schema, rest: isFreeForm || keepsUnknown(schema) ? deduced : undefined };
}

function buildListType(schema: OpenApiSchema): FieldType {
  const { items } = schema;
  if (items !== undefined && schema['x-kubernetes-list-type'] === 'set') return { kind: 'set' };
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  if (items === undefined || schema['x-kubernetes-list-type'] !== 'map' || names.length === 0) {
    return { kind: 'leaf', shape: 'list' };
  }
  const keys = names.toSorted().map((name) => ({ name, default: childSchema(items, name)?.default }));
  return { kind: 'keyed-list', keys, item: typeOf(items) };
}

/** Whether the schema names the key, so that it belongs to the type and not to whoever wrote it first. */
export function isNamedKey({ schema: { properties } }: MapType, key: string): boolean {
  return properties !== undefined && Object.hasOwn(properties, key);
}

/** Undefined when no such key is declared. */
export function typeOfKey(type: MapType, key: string): FieldType | undefined {
  const { properties } = type.schema;
  if (properties === undefined || !Object.hasOwn(properties, key)) return type.rest;
  const child = properties[key];
  return child === undefined ? type.rest : typeOf(child);
}

/** The same for objects that may be older than their schema. */
export function typeOfStoredKey(type: MapType, key: string): FieldType {
  return typeOfKey(type, key) ?? deduced;
}

/** The type of what a step of a path leads to, and whether the schema names it. */
export function stepInto(
  type: FieldType,
  element: PathElement,
): { readonly type: FieldType; readonly isNamed: boolean } {
  const name = element.startsWith('f:') ? element.slice(2) : undefined;
  if (name !== undefined && type.kind === 'map') {
    return { type: typeOfStoredKey(type, name), isNamed: isNamedKey(type, name) };
  }
  if (name === undefined && type.kind === 'keyed-list') return { type: type.item, isNamed: false };
  return { type: deduced, isNamed: false };
}

/**
 * The type that the value really has: what is deduced is told by the value, and a value of the wrong shape (older than
 * its schema, or about to be refused) is a leaf. Null and absent fit every type.
 */
export function typeOfValue(type: FieldType, value: unknown): Exclude<FieldType, DeducedType> {
  switch (type.kind) {
    case 'leaf':
      return type;
    case 'deduced':
      return isJsonObject(value) ? deducedMap : leaf;
    case 'map':
      return isAbsent(value) || isJsonObject(value) ? type : leaf;
    case 'set':
    case 'keyed-list':
      return isAbsent(value) || Array.isArray(value) ? type : leaf;
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

export function entriesOf(value: unknown): [string, unknown][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** Nothing to walk into: absent, null, `{}` or `[]`. */
export function isBlank(value: unknown): boolean {
  if (isAbsent(value)) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && isEmptyObject(value);
}

function isEmptyObject(value: JsonObject): boolean {
  for (const _key in value) return false;
  return true;
}
