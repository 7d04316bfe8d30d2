import type { StoredEntry } from '../../consensus/store/store.ts';
import { shareFields } from '../managed-fields/share-fields.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { encodeJson } from '../schema/encode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { KindSchema } from '../schema/kind-schema.ts';
import type { StoredForm } from '../schema/served-kind.ts';

/** Stored bytes to objects of one version and back. Decoded objects are shared: nobody may change them. */
export interface ObjectCodec {
  readonly decode: (entry: StoredEntry) => JsonObject;
  /** The same for one of so many that none of them is remembered: they would drive out what is asked for often. */
  readonly glance: (entry: StoredEntry) => JsonObject;
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

/** So many decoded objects of each kind are kept. */
export const keptDecoded = 1_024;
const quote = 0x22; // begins the first member: there is one to stand behind the comma

export function createObjectCodec(schema: KindSchema, versions: CodecVersions): ObjectCodec {
  // Entries never change: what is known of one holds until the store lets go of it.
  const known = new WeakMap<StoredEntry, Known>();
  const recent = createRecent();
  const remembered = (entry: StoredEntry): JsonObject | undefined => known.get(entry)?.decoded?.deref();
  const decodeAnew = (entry: StoredEntry, isKept: boolean): JsonObject => {
    // The schema may have changed since the object was written.
    const bare = decodeStoredJson(entry.value) as JsonObject;
    const stored = versions.form?.fromStored(bare) ?? bare;
    if (isKept) shareFields(stored);
    const object = schema.applyDefaults(schema.prune(stored).object);
    const isAsStored = object === bare && object['apiVersion'] === versions.apiVersion;
    const decoded = withRevision({ ...object, apiVersion: versions.apiVersion }, entry.revision);
    const metadataAt = isAsStored ? findMetadata(bare, entry.value) : undefined;
    // Until the end of its turn V8 keeps all that a WeakRef was made for.
    known.set(entry, { metadataAt, ...(isKept ? { decoded: new WeakRef(decoded) } : {}) });
    return decoded;
  };
  const open = (entry: StoredEntry): JsonObject => recent.keep(remembered(entry) ?? decodeAnew(entry, true));
  const placesIn = (entry: StoredEntry): Known | undefined => {
    if (!known.has(entry)) open(entry);
    return known.get(entry);
  };
  return {
    decode: open,
    glance: (entry) => remembered(entry) ?? decodeAnew(entry, false),
    pieces(entry) {
      const metadataAt = placesIn(entry)?.metadataAt;
      if (metadataAt === undefined) return [Buffer.from(encodeJson(open(entry)))];
      const { value, revision } = entry;
      return [value.subarray(0, metadataAt), versionMember(revision), value.subarray(metadataAt)];
    },
    metadataPieces(entry) {
      const places = placesIn(entry);
      if (places?.metadataAt === undefined) return [Buffer.from(encodeJson(open(entry)['metadata']))];
      const { value, revision } = entry;
      places.metadataEnd ??= findEndOfObject(value, places.metadataAt);
      return [openBrace, versionMember(revision), value.subarray(places.metadataAt, places.metadataEnd)];
    },
    encode(object) {
      const { resourceVersion: _revision, ...metadata } = object['metadata'] as JsonObject;
      const complete = { ...object, apiVersion: versions.storedApiVersion, metadata };
      return Buffer.from(encodeJson(versions.form?.toStored(complete) ?? complete));
    },
  };
}

interface Known {
  /** Bytes are what the store keeps in any case: of thousands of objects, those that are asked for stay decoded. */
  readonly decoded?: WeakRef<JsonObject>;
  /** Where the members of `metadata` begin in the stored bytes; undefined when these are not what clients see. */
  readonly metadataAt: number | undefined;
  /** Behind its closing brace; looked for when somebody asks. */
  metadataEnd?: number;
}

/** Holds the objects that were asked for last, so that they outlive the next collection. */
function createRecent(): { keep(object: JsonObject): JsonObject } {
  const objects: JsonObject[] = [];
  let next = 0;
  return {
    keep(object) {
      objects[next] = object;
      next = (next + 1) % keptDecoded;
      return object;
    },
  };
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
