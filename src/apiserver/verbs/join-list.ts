import type { StoredEntry } from '../../consensus/store/store.ts';
import { keptDecoded, type ObjectCodec } from '../registry/object-codec.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { encodeJson } from '../schema/encode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { withoutOwners } from '../table/partial-object-metadata.ts';
import type { TableRequest } from '../table/table.ts';

const comma = Buffer.from(',');
const end = Buffer.from(']}\n');
const endOfRow = Buffer.from('}');
const endOfPartialObject = Buffer.from('}}');

/** Without decoding and encoding: a big list is mostly bytes that the store has already. */
export function joinList(
  entries: readonly StoredEntry[],
  metadata: JsonObject,
  { served, apiVersion, codec }: ResourceKind,
): Buffer {
  const pieces = [openList({ kind: served.listKind, apiVersion, metadata }, 'items')];
  for (const [index, entry] of entries.entries()) {
    if (index > 0) pieces.push(comma);
    pieces.push(...codec.pieces(entry));
  }
  return Buffer.concat([...pieces, end]);
}

/** What `Tabulator.table` builds, joined in the same way: most of a row is the object's metadata. */
export function joinTable(
  entries: readonly StoredEntry[],
  metadata: JsonObject,
  { tabulator, codec }: ResourceKind,
  { apiVersion, includeObject, now, hidesOwners = false }: TableRequest,
): Buffer {
  const { columnDefinitions } = tabulator;
  const pieces = [openList({ kind: 'Table', apiVersion, metadata, columnDefinitions }, 'rows')];
  const partial = encodeJson({ kind: 'PartialObjectMetadata', apiVersion }).slice(0, -1);
  const decode = decoderFor(entries, codec);
  for (const [index, entry] of entries.entries()) {
    const object = decode(entry);
    const cells = encodeJson(tabulator.cells(object, now));
    const start = `${index > 0 ? ',' : ''}{"cells":${cells},"object":`;
    switch (includeObject) {
      case 'None':
        pieces.push(Buffer.from(`${start}null}`));
        break;
      case 'Object':
        pieces.push(Buffer.from(start), ...codec.pieces(entry), endOfRow);
        break;
      case 'Metadata':
        if (hidesOwners) {
          pieces.push(Buffer.from(`${start}${encodeJson(withoutOwners(object, apiVersion))}}`));
          break;
        }
        pieces.push(Buffer.from(`${start}${partial},"metadata":`), ...codec.metadataPieces(entry));
        pieces.push(endOfPartialObject);
        break;
    }
  }
  return Buffer.concat([...pieces, end]);
}

/** Of more objects than are kept, the first would be gone when the last is there, and so would all others. */
export function decoderFor(entries: readonly StoredEntry[], codec: ObjectCodec): ObjectCodec['decode'] {
  return entries.length > keptDecoded ? codec.glance : codec.decode;
}

function openList(head: JsonObject, list: 'items' | 'rows'): Uint8Array {
  return Buffer.from(`${encodeJson(head).slice(0, -1)},"${list}":[`);
}
