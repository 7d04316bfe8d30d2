import { apiError } from '../../api/api-error.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';

export type FieldValidation = 'Ignore' | 'Strict' | 'Warn';

export interface WriteOptions {
  readonly isDryRun: boolean;
  /** Who writes, as managedFields will say; empty when the client did not say. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

const fieldValidations = ['Ignore', 'Strict', 'Warn'] as const;
const maxManagerBytes = 128;

/** `optionsKind` only words the refusals: CreateOptions, UpdateOptions, PatchOptions. */
export function parseWriteOptions(query: URLSearchParams, optionsKind: string): WriteOptions {
  const fieldManager = query.get('fieldManager') ?? '';
  checkFieldManager(fieldManager, optionsKind);
  return {
    fieldManager,
    isDryRun: parseDryRun(query.getAll('dryRun'), optionsKind),
    fieldValidation: parseFieldValidation(query.get('fieldValidation') ?? '', optionsKind),
  };
}

export function parseDryRun(values: readonly string[], optionsKind: string): boolean {
  const given = values.filter((value) => value !== '');
  if (given.some((value) => value !== 'All')) {
    throw invalidOptions(optionsKind, fieldCause.notSupported('dryRun', given, ['All']));
  }
  return given.length > 0;
}

export function parseFieldValidation(text: string, optionsKind: string): FieldValidation {
  if (text === '') return 'Warn';
  const known = fieldValidations.find((value) => value === text);
  if (known !== undefined) return known;
  const cause = fieldCause.notSupported('fieldValidation', text, ['', ...fieldValidations]);
  throw invalidOptions(optionsKind, cause);
}

function checkFieldManager(manager: string, optionsKind: string): void {
  if (Buffer.byteLength(manager) > maxManagerBytes) {
    throw invalidOptions(optionsKind, fieldCause.tooLong('fieldManager', maxManagerBytes));
  }
  if (/[^\x20-\x7e\u00a1-\uffff]/u.test(manager)) {
    const detail = 'should only contain printable characters';
    throw invalidOptions(optionsKind, fieldCause.invalid('fieldManager', manager, detail));
  }
}

export function invalidOptions(optionsKind: string, cause: ReturnType<typeof fieldCause.invalid>): Error {
  return invalidObject({ group: 'meta.k8s.io', kind: optionsKind }, '', [cause]);
}

export interface StrictFindings {
  readonly unknownFields: readonly string[];
  readonly duplicateFields: readonly string[];
}

/** Fields that the object must not have: a refusal, warnings, or nothing, as the client asked. */
export function reportFindings(
  findings: StrictFindings,
  mode: FieldValidation,
  report: { readonly kind: string; readonly version: string; readonly warnings: Set<string> },
): void {
  const texts = [
    ...findings.unknownFields.map((field) => `unknown field "${field}"`),
    ...findings.duplicateFields.map((field) => `duplicate field "${field}"`),
  ];
  if (texts.length === 0 || mode === 'Ignore') return;
  if (mode === 'Strict') {
    const { kind, version } = report;
    const problem = `strict decoding error: ${texts.join(', ')}`;
    const message = `${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`;
    throw apiError('BadRequest', message);
  }
  for (const text of texts) report.warnings.add(text);
}
