import { fieldCause } from '../schema/field-cause.ts';
import { type WriteOptions, invalidOptions, parseWriteOptions } from './write-options.ts';

/** Of a server-side apply. */
export interface ApplyOptions extends WriteOptions {
  readonly isForced: boolean;
}

export function parseApplyOptions(query: URLSearchParams): ApplyOptions {
  const options = parseWriteOptions(query, 'PatchOptions');
  if (options.fieldManager === '') {
    const cause = fieldCause.required('fieldManager', 'is required for apply patch');
    throw invalidOptions('PatchOptions', cause);
  }
  return { ...options, isForced: isTrue(query.get('force') ?? '') };
}

function isTrue(text: string): boolean {
  return ['1', 't', 'true'].includes(text.toLowerCase());
}
