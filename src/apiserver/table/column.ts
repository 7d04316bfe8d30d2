import type { JsonObject } from '../schema/json-object.ts';
import type { PrinterColumn } from '../schema/served-kind.ts';
import { formatAgeOf } from './human-age.ts';
import { compileJsonPath } from './json-path.ts';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface Column {
  readonly definition: ColumnDefinition;
  /** `now` in milliseconds, for ages. */
  readonly cell: (object: JsonObject, now: number) => unknown;
}

export function printerColumn(column: PrinterColumn): Column {
  const { name, type, jsonPath, format = '', description = '', priority = 0 } = column;
  const find = compileJsonPath(jsonPath);
  return {
    definition: { name, type, format, description, priority },
    cell: (object, now) => formatCell(find(object), type, now),
  };
}

/** A cell is null where there is nothing of the column's type to show; clients print that as they like. */
function formatCell(found: readonly unknown[], type: string, now: number): unknown {
  const [first] = found;
  if (first === undefined || (found.length === 1 && first === null)) return null;
  switch (type) {
    case 'string':
      return found.map(printed).join(' ');
    case 'date':
      return formatAgeOf(first, now);
    case 'integer':
      return toInteger(first);
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    default:
      return null;
  }
}

function toInteger(value: unknown): unknown {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' ? Math.trunc(value) : null;
}

function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  return value === undefined ? '' : JSON.stringify(value);
}
