import { apiError } from '../../api/api-error.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import type { ColumnDefinition } from './column.ts';
import { columnsOf } from './columns-of.ts';
import { toPartialObjectMetadata, withoutOwners } from './partial-object-metadata.ts';

export type IncludeObject = 'Metadata' | 'None' | 'Object';

export interface TableRequest {
  readonly includeObject: IncludeObject;
  /** `meta.k8s.io/v1`, or `v1beta1` for old clients. */
  readonly apiVersion: string;
  /** Milliseconds, for ages. */
  readonly now: number;
  /** Leaves out of a row's metadata who owns which field. */
  readonly hidesOwners?: boolean;
}

/** Turns objects of one kind into rows; kept with the kind, since compiling its columns takes time. */
export interface Tabulator {
  /** `metadata` is that of the list or, for a single object, its resourceVersion. */
  table(objects: readonly JsonObject[], metadata: JsonObject, request: TableRequest): JsonObject;
  /** One event of a watch; only the first carries the columns. */
  watchTable(object: JsonObject, isFirst: boolean, request: TableRequest): JsonObject;
  /** The parts of a table, for whoever writes it without building it. */
  readonly columnDefinitions: readonly ColumnDefinition[];
  cells(object: JsonObject, now: number): readonly unknown[];
}

export function createTabulator(kind: ServedKind): Tabulator {
  const columns = columnsOf(kind);
  const columnDefinitions = columns.map(({ definition }) => definition);
  const cells = (object: JsonObject, now: number): readonly unknown[] =>
    columns.map(({ cell }) => cell(object, now));
  const buildRow = (object: JsonObject, request: TableRequest): JsonObject => ({
    cells: cells(object, request.now),
    object: includedObject(object, request),
  });
  return {
    columnDefinitions,
    cells,
    table: (objects, metadata, request) => ({
      kind: 'Table',
      apiVersion: request.apiVersion,
      metadata,
      columnDefinitions,
      rows: objects.map((object) => buildRow(object, request)),
    }),
    watchTable: (object, isFirst, request) => ({
      kind: 'Table',
      apiVersion: request.apiVersion,
      metadata: { resourceVersion: resourceVersionOf(object) },
      columnDefinitions: isFirst ? columnDefinitions : null,
      rows: [buildRow(object, request)],
    }),
  };
}

/** Reads the query parameter; absent means Metadata. */
export function parseIncludeObject(text: string | null | undefined): IncludeObject {
  switch (text) {
    case undefined:
    case null:
    case '':
    case 'Metadata':
      return 'Metadata';
    case 'None':
    case 'Object':
      return text;
    default:
      throw apiError('BadRequest', `unrecognized includeObject value: "${text}"`);
  }
}

function includedObject(
  object: JsonObject,
  { includeObject, apiVersion, hidesOwners = false }: TableRequest,
): unknown {
  switch (includeObject) {
    case 'None':
      return null;
    case 'Object':
      return object;
    case 'Metadata':
      return hidesOwners ? withoutOwners(object, apiVersion) : toPartialObjectMetadata(object, apiVersion);
  }
}

function resourceVersionOf(object: JsonObject): unknown {
  const metadata = object['metadata'] as JsonObject | undefined; // -- every stored object has metadata.
  return metadata?.['resourceVersion'] ?? '';
}
