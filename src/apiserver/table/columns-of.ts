import { isJsonObject, type JsonObject, ownProperty } from '../schema/json-object.ts';
import type { PrinterColumn, ServedKind } from '../schema/served-kind.ts';
import { builtInColumns } from './built-in-columns.ts';
import { type Column, type ColumnDefinition, printerColumn } from './column.ts';

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the object was created.',
};

/** Name first, then what the kind declares, or its age where it declares nothing. */
export function columnsOf(kind: ServedKind): readonly Column[] {
  const { storedAs } = kind;
  if (storedAs !== undefined) {
    return columnsOf(storedAs.kind).map(({ definition, cell }) => ({
      definition,
      cell: (object, now) => cell(storedAs.toStored(object), now),
    }));
  }
  const special = builtInColumns(kind);
  if (special !== undefined) return [nameColumn, ...special];
  const declared = kind.columns.length === 0 ? [ageColumn] : kind.columns;
  return [nameColumn, ...declared.map(printerColumn)];
}

const nameDefinition: ColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique for its kind and namespace.',
  priority: 0,
};

const nameColumn: Column = {
  definition: nameDefinition,
  cell: (object) => nameOf(object),
};

function nameOf(object: JsonObject): unknown {
  const metadata = ownProperty(object, 'metadata');
  return isJsonObject(metadata) ? (ownProperty(metadata, 'name') ?? '') : '';
}
