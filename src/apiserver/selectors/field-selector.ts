import { apiError } from '../../api/api-error.ts';
import type { ServedKind } from '../schema/served-kind.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** All requirements must hold; none holds for everything. */
export type FieldSelector = readonly FieldRequirement[];

const alwaysSelectable = ['metadata.name', 'metadata.namespace'];

/** Parses `metadata.name=a,status.phase!=b`; a backslash escapes `,`, `=` and itself in values. */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
}

/** Refuses fields that the kind cannot be selected by. */
export function checkFieldSelector(
  selector: FieldSelector,
  kind: Pick<ServedKind, 'builtIn' | 'selectableFields'>,
): void {
  for (const { field } of selector) {
    if (alwaysSelectable.includes(field) || kind.selectableFields.includes(field)) continue;
    const isPlain = kind.builtIn && kind.selectableFields.length === 0;
    throw apiError(
      'BadRequest',
      isPlain
        ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    );
  }
}

/** `valueOf` is a kind schema's `selectableValue` for the object. */
export function matchesFields(selector: FieldSelector, valueOf: (field: string) => string): boolean {
  return selector.every(({ field, isEqual, value }) => (valueOf(field) === value) === isEqual);
}

/**
 * The one value of a field that the selector lets through, if it pins it. A list pinned to a name is authorized as
 * access to that name.
 */
export function requiredValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((requirement) => requirement.isEqual && requirement.field === field)?.value;
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charAt(index);
    if (sign === ',') {
      terms.push(term);
      term = '';
    } else if (sign === '\\') {
      term += text.slice(index, index + 2);
      index += 1;
    } else {
      term += sign;
    }
  }
  return [...terms, term];
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const match = /^(?<field>.*?)(?<operator>!=|==|=)(?<value>.*)$/su.exec(term);
  const { field, operator, value } = match?.groups ?? {};
  if (field === undefined || operator === undefined || value === undefined) {
    throw apiError('BadRequest', `invalid selector: '${whole}'; can't understand '${term}'`);
  }
  return { field, isEqual: operator !== '!=', value: unescapeValue(value) };
}

function unescapeValue(text: string): string {
  let value = '';
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charAt(index);
    if (sign === '=')
      throw apiError('BadRequest', 'invalid field selector: unescaped character in value: 61');
    if (sign === '\\') {
      index += 1;
      const escaped = text.charAt(index);
      if (!['\\', ',', '='].includes(escaped)) {
        throw apiError('BadRequest', `invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      value += escaped;
    } else {
      value += sign;
    }
  }
  return value;
}
