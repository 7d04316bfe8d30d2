import { type ApiError, apiError, type StatusCause } from '../../api/api-error.ts';

/**
 * The wordings of Kubernetes for problems of one field. Clients print them as they are, and kubectl's users search
 * the web for them, so they are kept to the letter.
 */
export const fieldCause = {
  required: (field: string, detail = ''): StatusCause => ({
    reason: 'FieldValueRequired',
    message: withDetail('Required value', detail),
    field,
  }),
  invalid: (field: string, value: unknown, detail: string): StatusCause => ({
    reason: 'FieldValueInvalid',
    message: withDetail(`Invalid value: ${formatValue(value)}`, detail),
    field,
  }),
  typeInvalid: (field: string, value: unknown, detail: string): StatusCause => ({
    reason: 'FieldValueTypeInvalid',
    message: withDetail(`Invalid value: ${formatValue(value)}`, detail),
    field,
  }),
  notSupported: (field: string, value: unknown, supported: readonly unknown[]): StatusCause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${formatValue(value)}: supported values: ${quoteAll(supported)}`,
    field,
  }),
  notServed: (field: string, value: unknown, served: readonly unknown[]): StatusCause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${formatValue(value)}: not served by this release; served: ${quoteAll(served)}`,
    field,
  }),
  forbidden: (field: string, detail: string): StatusCause => ({
    reason: 'FieldValueForbidden',
    message: withDetail('Forbidden', detail),
    field,
  }),
  duplicate: (field: string, value: unknown): StatusCause => ({
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${formatValue(value)}`,
    field,
  }),
  tooLong: (field: string, maxBytes: number): StatusCause => ({
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${maxBytes} bytes`,
    field,
  }),
  tooMany: (field: string, count: number, maxCount: number): StatusCause => ({
    reason: 'FieldValueTooMany',
    message: `Too many: ${count}: must have at most ${maxCount} items`,
    field,
  }),
};

/** The 422 for an object; `kind` is the Kind and not the plural, unlike in every other refusal. */
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly StatusCause[],
): ApiError {
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const problems = causes.map(({ field, message }) => `${field ?? '<nil>'}: ${message}`);
  const summary = problems.length === 1 ? problems.join('') : `[${problems.join(', ')}]`;
  const details = { name, group: kind.group, kind: kind.kind, causes };
  return apiError('Invalid', `${qualified} "${name}" is invalid: ${summary}`, details);
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}

/** Values are quoted back to the sender; a huge one must not make a huge refusal. */
const maxValueLength = 1024;

function formatValue(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  const text = value === undefined ? 'null' : JSON.stringify(value);
  return text.length <= maxValueLength ? text : `${text.slice(0, maxValueLength)}...`;
}

function quoteAll(values: readonly unknown[]): string {
  return values
    .map((value) => JSON.stringify(typeof value === 'string' ? value : formatValue(value)))
    .join(', ');
}
