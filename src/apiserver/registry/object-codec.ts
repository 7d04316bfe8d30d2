import type { StoredEntry } from '../../consensus/store/store.ts';
import { shareFields } from '../managed-fields/share-fields.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { encodeJson } from '../schema/encode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { KindSchema } from '../schema/kind-schema.ts';
import type { StoredForm } from '../schema/served-kind.ts';

/** Stored bytes to objects of one version and back. Decoded objects are shared: nobody may change them. */
export interface ObjectCodec {
  decode(entry: StoredEntry): JsonObject;
  encode(object: JsonObject): Uint8Array;
  /** The decoded object as JSON, in pieces to be put together; what is stored is not written anew where it can be sent. */
  pieces(entry: StoredEntry): readonly Uint8Array[];
  /** The object's metadata in the same way. */
  metadataPieces(entry: StoredEntry): readonly Uint8Array[];
}

export interface CodecVersions {
  /** What clients see. */
  readonly apiVersion: string;
  /** What is written into the store. */
  readonly storedApiVersion: string;
  /** Where the store holds the objects in another form than clients see. */
  readonly form?: StoredForm;
}

const quote = 0x22; // begins the first member: there is one to stand behind the comma

export function createObjectCodec(schema: KindSchema, versions: CodecVersions): ObjectCodec {
  // Entries never change, so each is decoded once a version; it is forgotten when the store lets go of it.
  const decoded = new WeakMap<StoredEntry, Decoded>();
  const open = (entry: StoredEntry): Decoded => {
    const known = decoded.get(entry);
    if (known !== undefined) return known;
    // The schema may have changed since the object was written.
    const bare = decodeStoredJson(entry.value) as JsonObject;
    const stored = versions.form?.fromStored(bare) ?? bare;
    shareFields(stored);
    const object = schema.applyDefaults(schema.prune(stored).object);
    const isAsStored = object === bare && object['apiVersion'] === versions.apiVersion;
    const fresh: Decoded = {
      object: withRevision({ ...object, apiVersion: versions.apiVersion }, entry.revision),
      metadataAt: isAsStored ? findMetadata(bare, entry.value) : undefined,
    };
    decoded.set(entry, fresh);
    return fresh;
  };
  const decode = (entry: StoredEntry): JsonObject => open(entry).object;
  return {
    decode,
    pieces(entry) {
      const { object, metadataAt } = open(entry);
      if (metadataAt === undefined) return [Buffer.from(encodeJson(object))];
      const { value, revision } = entry;
      return [value.subarray(0, metadataAt), versionMember(revision), value.subarray(metadataAt)];
    },
    metadataPieces(entry) {
      const known = open(entry);
      const { metadataAt } = known;
      if (metadataAt === undefined) return [Buffer.from(encodeJson(known.object['metadata']))];
      const { value, revision } = entry;
      known.metadataEnd ??= findEndOfObject(value, metadataAt);
      return [openBrace, versionMember(revision), value.subarray(metadataAt, known.metadataEnd)];
    },
    encode(object) {
      const { resourceVersion: _revision, ...metadata } = object['metadata'] as JsonObject;
      const complete = { ...object, apiVersion: versions.storedApiVersion, metadata };
      return Buffer.from(encodeJson(versions.form?.toStored(complete) ?? complete));
    },
  };
}

interface Decoded {
  readonly object: JsonObject;
  /** Where the members of `metadata` begin in the stored bytes; undefined when these are not what clients see. */
  readonly metadataAt: number | undefined;
  /** Behind its closing brace; looked for when somebody asks. */
  metadataEnd?: number;
}

const openBrace = Buffer.from('{');

function versionMember(revision: number): Uint8Array {
  return Buffer.from(`"resourceVersion":"${revision}",`);
}

function findMetadata(object: JsonObject, bytes: Uint8Array): number | undefined {
  let before = '{';
  for (const [key, value] of Object.entries(object)) {
    if (key === 'metadata') break;
    // Kind and apiVersion come first in what clients send; whatever else would cost more to step over than it saves.
    if (typeof value !== 'string') return undefined;
    before += `${JSON.stringify(key)}:${JSON.stringify(value)},`;
  }
  const start = Buffer.from(`${before}"metadata":{`);
  const isThere = start.equals(bytes.subarray(0, start.length));
  return isThere && bytes[start.length] === quote ? start.length : undefined;
}

/** The revision of the last write is the resourceVersion; it is never part of the stored value. */
export function withRevision(object: JsonObject, revision: number): JsonObject {
  const metadata = { ...(object['metadata'] as JsonObject), resourceVersion: String(revision) };
  return { ...object, metadata };
}

const syntax = { open: 0x7b, close: 0x7d, quote, backslash: 0x5c };

/** Behind the brace that closes the object whose first member begins at `start`. */
function findEndOfObject(bytes: Uint8Array, start: number): number {
  let depth = 1;
  let isInText = false;
  for (let index = start; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (isInText) {
      if (byte === syntax.backslash) index += 1;
      else if (byte === syntax.quote) isInText = false;
    } else if (byte === syntax.quote) isInText = true;
    else if (byte === syntax.open) depth += 1;
    else if (byte === syntax.close && (depth -= 1) === 0) return index + 1;
  }
  return bytes.length;
}
