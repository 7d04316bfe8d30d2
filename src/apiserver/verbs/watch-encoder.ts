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

/** Whether the watcher's selectors matched before and after a change. */
export interface Transition {
  readonly isBefore: boolean;
  readonly isAfter: boolean;
}

/** Lines of one watch, in the form that its client asked for. */
export interface WatchEncoder {
  initial(entry: StoredEntry): string;
  /** An object that starts or stops matching is new or gone for this watcher. */
  change(change: Change, transition: Transition): string;
  bookmark(revision: number, isInitialEnd: boolean): string;
}

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
  const showEntry = (entry: StoredEntry): string =>
    representation.shape === 'object' ? kind.codec.text(entry) : encodeJson(show(kind.codec.decode(entry)));
  return {
    initial: (entry) => formatEvent('ADDED', showEntry(entry)),
    change({ entry, previous, revision }, { isBefore, isAfter }) {
      if (isAfter && entry !== undefined) {
        return formatEvent(isBefore ? 'MODIFIED' : 'ADDED', showEntry(entry));
      }
      // What left the watcher's view is shown as it last was there, at the revision of its leaving.
      const last = previous === undefined ? {} : kind.codec.decode(previous);
      return formatEvent('DELETED', encodeJson(show(withRevision(last, revision))));
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

function formatEvent(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
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
