import { childSchema } from '../../schema/child-schema.ts';
import { isJsonObject, type JsonObject, ownProperty } from '../../schema/json-object.ts';
import type { OpenApiSchema } from '../../schema/open-api-schema.ts';
import { type CelType, celTypes } from '../cel-type.ts';
import { CelDuration, CelMap, CelTimestamp, type CelValue } from '../cel-value.ts';
import { parseDuration, parseTimestamp } from '../library/format-time.ts';
import { markUnordered } from '../unordered-list.ts';
import { escapeName } from './rule-names.ts';
import { maxSizeOf } from './size-limits.ts';

/** What rules see of the values of one schema: their type, and how JSON becomes such a value. */
export interface ValueShape {
  readonly type: CelType;
  readonly convert: (value: unknown) => CelValue;
}

const nameOnly: OpenApiSchema = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 253 }, generateName: { type: 'string', maxLength: 253 } },
};
const resourceFields: Readonly<Record<string, OpenApiSchema>> = {
  apiVersion: { type: 'string', maxLength: 253 },
  kind: { type: 'string', maxLength: 63 },
  metadata: nameOnly,
};

/** Undefined for content that no schema describes: rules cannot look into it. */
export function shapeOf(schema: OpenApiSchema, isRoot = false): ValueShape | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return dynamicShape;
  switch (schema.type) {
    case 'array':
      return listShape(schema);
    case 'boolean':
      return { type: celTypes.bool, convert: (value) => value as boolean };
    case 'integer':
      return { type: celTypes.int, convert: toInteger };
    case 'number':
      return { type: celTypes.double, convert: (value) => (value === null ? null : Number(value)) };
    case 'object':
      return objectShape(schema, isRoot || schema['x-kubernetes-embedded-resource'] === true);
    case 'string':
      return textShape(schema);
    default:
      return undefined;
  }
}

/** The value decides about its type, as where an integer or a string may stand. */
export const dynamicShape: ValueShape = { type: celTypes.dyn, convert: convertDynamic };

function convertDynamic(value: unknown): CelValue {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(convertDynamic);
  if (isJsonObject(value)) return new JsonMap(value, () => dynamicShape);
  return value as CelValue; // -- JSON has nothing else.
}

function toInteger(value: unknown): CelValue {
  return typeof value === 'number' ? BigInt(Math.trunc(value)) : (value as bigint | null); // -- checked by the schema.
}

function textShape(schema: OpenApiSchema): ValueShape {
  const { format } = schema;
  switch (format) {
    case 'byte':
      return {
        type: { ...celTypes.bytes, kind: 'basic', name: 'bytes', maxSize: maxSizeOf(schema) },
        convert: (value) => new Uint8Array(Buffer.from(String(value), 'base64')),
      };
    case 'date':
    case 'date-time':
      return { type: celTypes.timestamp, convert: (value) => readTime(String(value)) };
    case 'duration':
      return {
        type: celTypes.duration,
        convert: (value) => new CelDuration(parseDuration(String(value)) ?? 0n),
      };
    default:
      return {
        type: { kind: 'basic', name: 'string', maxSize: maxSizeOf(schema) },
        convert: (value) => value as string,
      };
  }
}

function readTime(text: string): CelTimestamp {
  return new CelTimestamp(parseTimestamp(text) ?? parseTimestamp(`${text}T00:00:00Z`) ?? 0n);
}

function listShape(schema: OpenApiSchema): ValueShape {
  const item = (schema.items === undefined ? undefined : shapeOf(schema.items)) ?? dynamicShape;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeName(key) ?? key);
  const listType = schema['x-kubernetes-list-type'];
  return {
    type: { kind: 'list', element: item.type, maxSize: maxSizeOf(schema) },
    convert(value) {
      if (!Array.isArray(value)) return null;
      const list = value.map(item.convert);
      if (listType === 'set') return markUnordered(list, (member) => member);
      if (listType !== 'map') return list;
      return markUnordered(list, (member) =>
        keys.map((key) => (member instanceof CelMap ? (member.get(key) ?? null) : null)),
      );
    },
  };
}

function objectShape(schema: OpenApiSchema, isResource: boolean): ValueShape {
  if (typeof schema.additionalProperties === 'object') return mapShape(schema, schema.additionalProperties);
  const described = isResource ? { ...schema.properties, ...resourceFields } : (schema.properties ?? {});
  const fields = new Map<string, Field>();
  const names = new Map<string, string>();
  for (const [key, child] of Object.entries(described)) {
    const [name, shape] = [escapeName(key), shapeOf(child)];
    if (name === undefined || shape === undefined) continue;
    fields.set(name, { key, shape });
    names.set(key, name);
  }
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    type: {
      kind: 'object',
      name: 'object',
      fields: new Map([...fields].map(([name, { shape }]) => [name, shape.type] as const)),
    },
    convert: (value) => (isJsonObject(value) ? new JsonFields(value, { fields, names, keepsUnknown }) : null),
  };
}

function mapShape(schema: OpenApiSchema, values: OpenApiSchema): ValueShape {
  const shape = shapeOf(values) ?? dynamicShape;
  const key: CelType = { kind: 'basic', name: 'string', maxSize: 253 };
  return {
    type: { kind: 'map', key, value: shape.type, maxSize: maxSizeOf(schema) },
    convert: (value) =>
      isJsonObject(value)
        ? new JsonMap(value, (name) => (childSchema(schema, name) === undefined ? undefined : shape))
        : null,
  };
}

/** The entries of a JSON object, converted when somebody asks for them. */
class JsonMap extends CelMap {
  readonly #object: JsonObject;
  readonly #shapeOf: (key: string) => ValueShape | undefined;

  constructor(object: JsonObject, shapeOfKey: (key: string) => ValueShape | undefined) {
    super();
    this.#object = object;
    this.#shapeOf = shapeOfKey;
  }

  get size(): number {
    return Object.keys(this.#object).length;
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.#object);
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#object, key)) return undefined;
    return (this.#shapeOf(key) ?? dynamicShape).convert(this.#object[key]);
  }
}

interface Field {
  /** The name in JSON. */
  readonly key: string;
  readonly shape: ValueShape;
}

interface Fields {
  /** By the name that rules use. */
  readonly fields: ReadonlyMap<string, Field>;
  /** From the name in JSON to the one in rules. */
  readonly names: ReadonlyMap<string, string>;
  /** Whether content that rules cannot see makes objects differ all the same. */
  readonly keepsUnknown: boolean;
}

/** An object whose fields are known. A field that is null counts as absent. */
class JsonFields extends CelMap {
  readonly #object: JsonObject;
  readonly #fields: Fields;

  constructor(object: JsonObject, fields: Fields) {
    super();
    this.#object = object;
    this.#fields = fields;
  }

  get size(): number {
    return [...this.keys()].length;
  }

  *keys(): Iterable<CelValue> {
    const { names, keepsUnknown } = this.#fields;
    for (const [key, value] of Object.entries(this.#object)) {
      if (value === null) continue;
      const name = names.get(key);
      if (name !== undefined) yield name;
      else if (keepsUnknown) yield key;
    }
  }

  get(name: CelValue): CelValue | undefined {
    if (typeof name !== 'string') return undefined;
    const field = this.#fields.fields.get(name);
    const value = ownProperty(this.#object, field?.key ?? name);
    if (value === undefined || value === null) return undefined;
    if (field !== undefined) return field.shape.convert(value);
    return this.#fields.keepsUnknown ? convertDynamic(value) : undefined;
  }
}
