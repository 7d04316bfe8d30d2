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
  /** The decoded object as JSON; the last few are kept, since many watchers ask for the same one. */
  text(entry: StoredEntry): string;
}

export interface CodecVersions {
  /** What clients see. */
  readonly apiVersion: string;
  /** What is written into the store. */
  readonly storedApiVersion: string;
  /** Where the store holds the objects in another form than clients see. */
  readonly form?: StoredForm;
}

const maxRecentTexts = 64;

export function createObjectCodec(schema: KindSchema, versions: CodecVersions): ObjectCodec {
  // Entries never change, so each is decoded once a version; it is forgotten when the store lets go of it.
  const decoded = new WeakMap<StoredEntry, JsonObject>();
  const recentTexts = new Map<StoredEntry, string>();
  const decode = (entry: StoredEntry): JsonObject => {
    const known = decoded.get(entry);
    if (known !== undefined) return known;
    // The schema may have changed since the object was written.
    const bare = decodeStoredJson(entry.value) as JsonObject;
    const stored = versions.form?.fromStored(bare) ?? bare;
    shareFields(stored);
    const object = schema.applyDefaults(schema.prune(stored).object);
    const fresh = withRevision({ ...object, apiVersion: versions.apiVersion }, entry.revision);
    decoded.set(entry, fresh);
    return fresh;
  };
  return {
    decode,
    text(entry) {
      const known = recentTexts.get(entry);
      if (known !== undefined) return known;
      const text = encodeJson(decode(entry));
      recentTexts.set(entry, text);
      const [oldest] = recentTexts.keys();
      if (recentTexts.size > maxRecentTexts && oldest !== undefined) recentTexts.delete(oldest);
      return text;
    },
    encode(object) {
      const { resourceVersion: _revision, ...metadata } = object['metadata'] as JsonObject;
      const complete = { ...object, apiVersion: versions.storedApiVersion, metadata };
      return Buffer.from(encodeJson(versions.form?.toStored(complete) ?? complete));
    },
  };
}

/** The revision of the last write is the resourceVersion; it is never part of the stored value. */
export function withRevision(object: JsonObject, revision: number): JsonObject {
  const metadata = { ...(object['metadata'] as JsonObject), resourceVersion: String(revision) };
  return { ...object, metadata };
}
