import { type ApiError, apiError, type StatusCause } from '../../api/api-error.ts';
import type { Manager } from './manager.ts';
import { type FieldSet, listPaths } from './sets/field-set.ts';
import { formatPath } from './sets/path-element.ts';

/** Fields that an applier sets to another value than their owner did. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** The refusal of an apply, in the words of Kubernetes: clients print them, and some parse the causes. */
export function refuseConflicts(conflicts: readonly Conflict[]): ApiError {
  const found = conflicts
    .map(({ manager, fields }) => ({
      owner: describeManager(manager),
      fields: listPaths(fields).map(formatPath),
    }))
    .toSorted((left, right) => (left.owner < right.owner ? -1 : 1));
  const causes: StatusCause[] = found.flatMap(({ owner, fields }) =>
    fields.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field })),
  );
  return apiError('Conflict', describeConflicts(found, causes), { causes });
}

interface OwnedFields {
  readonly owner: string;
  readonly fields: readonly string[];
}

function describeConflicts(found: readonly OwnedFields[], causes: readonly StatusCause[]): string {
  const [first] = causes;
  if (first !== undefined && causes.length === 1) {
    return `Apply failed with 1 conflict: ${first.message}: ${first.field ?? ''}`;
  }
  const lines = found.flatMap(({ owner, fields }) => [
    `conflicts with ${owner}:`,
    ...fields.map((field) => `- ${field}`),
  ]);
  return `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
}

function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const quoted = JSON.stringify(name);
  const inPart = subresource === '' ? quoted : `${quoted} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Apply' ? inPart : `${inPart} using ${apiVersion}`;
}
