import { apiError } from '../../api/api-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Change, StoredEntry } from '../../consensus/store/store.ts';
import type { Representation } from '../http/accept.ts';
import { withRevision } from '../registry/object-codec.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { encodeJson } from '../schema/encode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { toPartialObjectMetadata } from '../table/partial-object-metadata.ts';
import { type TableRequest, parseIncludeObject } from '../table/table.ts';
import { RecentLines } from './recent-lines.ts';

/** Whether the watcher's selectors matched before and after a change. */
export interface Transition {
  readonly isBefore: boolean;
  readonly isAfter: boolean;
}

/** Lines of one watch, in the form that its client asked for. Nobody may write into their bytes. */
export interface WatchEncoder {
  initial(entry: StoredEntry): Buffer;
  /** An object that starts or stops matching is new or gone for this watcher. */
  change(change: Change, transition: Transition): Buffer;
  bookmark(revision: number, isInitialEnd: boolean): Buffer;
}

type ChangeType = 'ADDED' | 'DELETED' | 'MODIFIED';

const eventHeads: Readonly<Record<ChangeType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
};
const eventEnd = Buffer.from('}\n');

// Forgotten with the kind, as when its definition changes.
const recentLines = new WeakMap<ResourceKind, RecentLines>();

interface EncoderOptions {
  readonly query: URLSearchParams;
  readonly clock: Clock;
}

export function createWatchEncoder(
  kind: ResourceKind,
  representation: Representation,
  { query, clock }: EncoderOptions,
): WatchEncoder {
  const show = createShow(kind, representation, { query, clock });
  const isWhole = representation.shape === 'object';
  const showEntry = (type: ChangeType, entry: StoredEntry): Buffer =>
    isWhole
      ? joinEvent(type, kind.codec.pieces(entry))
      : formatEvent(type, encodeJson(show(kind.codec.decode(entry))));
  const encode = (type: ChangeType, { entry, previous, revision }: Change): Buffer => {
    if (type !== 'DELETED' && entry !== undefined) return showEntry(type, entry);
    // What left the watcher's view is shown as it last was there, at the revision of its leaving.
    const last = previous === undefined ? {} : kind.codec.decode(previous);
    return formatEvent(type, encodeJson(show(withRevision(last, revision))));
  };
  const recent = recentLines.get(kind) ?? new RecentLines();
  recentLines.set(kind, recent);
  return {
    initial: (entry) => showEntry('ADDED', entry),
    change(change, transition) {
      const type = typeOf(change, transition);
      // Tables differ between watchers: in what they include, and in their first event.
      return isWhole ? recent.get(change, type, () => encode(type, change)) : encode(type, change);
    },
    bookmark(revision, isInitialEnd) {
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      const metadata = {
        creationTimestamp: null,
        resourceVersion: String(revision),
        ...(isInitialEnd ? { annotations } : {}),
      };
      const object = { kind: kind.served.kind, apiVersion: kind.apiVersion, metadata };
      return formatEvent('BOOKMARK', encodeJson(show(object)));
    },
  };
}

function typeOf({ entry }: Change, { isBefore, isAfter }: Transition): ChangeType {
  if (!isAfter || entry === undefined) return 'DELETED';
  return isBefore ? 'MODIFIED' : 'ADDED';
}

function formatEvent(type: string, object: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${object}}\n`);
}

/** As stored: what was sent to the store as JSON need not be written as JSON again. */
function joinEvent(type: ChangeType, object: readonly Uint8Array[]): Buffer {
  return Buffer.concat([eventHeads[type], ...object, eventEnd]);
}

function createShow(
  kind: ResourceKind,
  { shape, metaVersion }: Representation,
  { query, clock }: EncoderOptions,
): (object: JsonObject) => JsonObject {
  const apiVersion = `meta.k8s.io/${metaVersion}`;
  switch (shape) {
    case 'object':
      return (object) => object;
    case 'metadata':
    case 'metadata-list':
      return (object) => toPartialObjectMetadata(object, apiVersion);
    case 'table':
      if (query.has('sendInitialEvents')) {
        throw apiError('NotAcceptable', 'watches as a Table cannot be asked for with sendInitialEvents');
      }
      return createTableShow(
        kind,
        { includeObject: parseIncludeObject(query.get('includeObject')), apiVersion },
        clock,
      );
  }
}

function createTableShow(
  { tabulator }: ResourceKind,
  options: Omit<TableRequest, 'now'>,
  clock: Clock,
): (object: JsonObject) => JsonObject {
  let isFirst = true;
  return (object) => {
    const table = tabulator.watchTable(object, isFirst, { ...options, now: clock.now() });
    isFirst = false;
    return table;
  };
}
