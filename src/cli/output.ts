import type { KubernetesObject } from '../api/meta.ts';
import { withoutOwners } from '../api/without-owners.ts';
import { formatYaml } from '../runtime/format-yaml.ts';
import { formatTable } from '../base/format-table.ts';

export type OutputForm = 'json' | 'table' | 'yaml';

export interface Column<T> {
  readonly title: string;
  readonly cell: (object: T) => string | undefined;
}

/** One object; as a table, a list of one. */
export function formatObject<T extends KubernetesObject>(
  object: T,
  columns: readonly Column<T>[],
  form: OutputForm,
): string {
  if (form === 'table') return formatObjects([object], columns, form);
  const shown = withoutOwners(object);
  return form === 'json' ? `${JSON.stringify(shown, undefined, 2)}\n` : formatYaml(shown);
}

/** A list in the form that was asked for; tables leave out nothing but what has no column. */
export function formatObjects<T extends KubernetesObject>(
  objects: readonly T[],
  columns: readonly Column<T>[],
  form: OutputForm,
): string {
  const list = { apiVersion: 'v1', kind: 'List', items: objects.map(withoutOwners) };
  switch (form) {
    case 'json':
      return `${JSON.stringify(list, undefined, 2)}\n`;
    case 'yaml':
      return formatYaml(list);
    case 'table':
      return `${formatTable(
        columns.map(({ title }) => title),
        objects.map((object) => columns.map(({ cell }) => cell(object) ?? '')),
      )}\n`;
  }
}
