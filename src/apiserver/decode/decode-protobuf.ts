import { DecodeError, maxDepth } from '../schema/decode-error.ts';
import { decodeJson } from '../schema/decode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { type Field, messages, rootMessages } from './protobuf-messages.ts';

// kubectl 1.32 and later, helm and every typed Go client send built-in kinds so, without a way back to JSON.
const magic = Buffer.from('k8s\0', 'latin1');

export function isProtobuf(body: Buffer): boolean {
  return body.subarray(0, magic.length).equals(magic);
}

/** The JSON form of the object; undefined when its kind has no message table here. */
export function decodeProtobufObject(body: Buffer): JsonObject | undefined {
  try {
    const unknown = decodeMessage('Unknown', body.subarray(magic.length));
    const { apiVersion = '', kind = '' } = (unknown['typeMeta'] ?? {}) as {
      apiVersion?: string;
      kind?: string;
    };
    const message = rootMessages[`${apiVersion}/${kind}`] ?? rootMessages[kind];
    if (message === undefined) return undefined;
    const raw = Buffer.from((unknown['raw'] ?? '') as string, 'base64');
    return { apiVersion, kind, ...decodeMessage(message, raw) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DecodeError(`protobuf parse error: ${error.message}`, { cause: error });
  }
}

function decodeMessage(name: string, bytes: Uint8Array, depth = 0): JsonObject {
  if (depth > maxDepth) throw new RangeError(`nested more than ${maxDepth} deep`);
  const fields = messages[name] ?? {};
  const reader = new ProtobufReader(bytes);
  const object: JsonObject = {};
  while (!reader.isAtEnd) {
    const { number, wireType } = reader.readTag();
    const field = fields[number];
    if (field === undefined) reader.skip(wireType);
    else addField(object, field, readValue(field, reader, depth + 1));
  }
  return object;
}

function addField(object: JsonObject, field: Field, value: unknown): void {
  const present = object[field.name];
  if (field.isMap) {
    const { key = '', value: member } = value as { key?: string; value?: unknown };
    if (key === '__proto__') throw new RangeError('the key "__proto__" is not allowed');
    const entries = (present ?? {}) as JsonObject;
    entries[key] = member ?? (field.type.endsWith('Entry') ? {} : '');
    object[field.name] = entries;
  } else if (field.isRepeated) {
    object[field.name] = [...((present as unknown[] | undefined) ?? []), value];
  } else if (value !== undefined && !isProtoDefault(field, value)) {
    object[field.name] = value;
  }
}

// Go writes unset strings of proto2 messages as empty ones, and unset flags as false; JSON leaves them out.
function isProtoDefault(field: Field, value: unknown): boolean {
  return (field.type === 'string' && value === '') || (field.type === 'flag' && value === false);
}

function readValue(field: Field, reader: ProtobufReader, depth: number): unknown {
  switch (field.type) {
    case 'string':
      return Buffer.from(reader.readBytes()).toString('utf8');
    case 'bytes':
      return Buffer.from(reader.readBytes()).toString('base64');
    case 'int':
      return Number(BigInt.asIntN(64, reader.readVarint()));
    case 'bool':
    case 'flag':
      return reader.readVarint() !== 0n;
    case 'map':
      return decodeMessage('MapEntry', reader.readBytes());
    case 'bytesMap':
      return decodeMessage('BytesMapEntry', reader.readBytes());
    case 'time':
      return formatTime(decodeMessage('Time', reader.readBytes()), 0);
    case 'microTime':
      return formatTime(decodeMessage('Time', reader.readBytes()), 6);
    default:
      return readSchemaValue(field, reader, depth);
  }
}

/** What only the schemas of definitions have, and other messages. */
function readSchemaValue(field: Field, reader: ProtobufReader, depth: number): unknown {
  switch (field.type) {
    case 'double':
      return reader.readDouble();
    case 'json':
      return readJson(reader.readBytes());
    case 'schemaOrBool': {
      const { schema, allows = false } = decodeMessage('SchemaOrBool', reader.readBytes(), depth);
      return schema ?? allows;
    }
    case 'schemaOrArray': {
      const { schema, schemas } = decodeMessage('SchemaOrArray', reader.readBytes(), depth);
      return schema ?? schemas;
    }
    default:
      return decodeMessage(field.type, reader.readBytes(), depth);
  }
}

/** A value of any type, which the message carries as JSON. */
function readJson(bytes: Uint8Array): unknown {
  const { raw = '' } = decodeMessage('Json', bytes) as { raw?: string };
  return raw === '' ? null : decodeJson(Buffer.from(raw, 'base64')).value;
}

function formatTime({ seconds, nanos }: JsonObject, digits: 0 | 6): string | undefined {
  if (seconds === undefined && nanos === undefined) return undefined;
  const text = new Date(Number(seconds ?? 0) * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${text}Z`;
  return `${text}.${String(Math.floor(Number(nanos ?? 0) / 1000)).padStart(6, '0')}Z`;
}
