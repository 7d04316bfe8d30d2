import type { ErrorObject } from 'ajv';
import type { StatusCause } from '../../api/api-error.ts';
import { fieldCause } from './field-cause.ts';
import { childPath, indexPath } from './field-path.ts';
import { isJsonObject, ownProperty } from './json-object.ts';

/** What ajv reports, at its place in the object, in the wording of Kubernetes. */
export interface TranslatedError {
  readonly cause: StatusCause;
  /** Keys and indexes from the root to the value that is wrong. */
  readonly place: readonly string[];
}

export function translateAjvErrors(errors: readonly ErrorObject[], root: unknown): TranslatedError[] {
  return bestBranches(errors).map((error) => {
    const place = parsePointer(error.instancePath);
    return { cause: translate(error, formatField(place, root)), place };
  });
}

/** `/spec/ports/0/name` → `spec.ports[0].name`; only the value itself tells an index from a key of digits. */
function formatField(place: readonly string[], root: unknown): string {
  let value = root;
  let path = '';
  for (const key of place) {
    path = Array.isArray(value) ? indexPath(path, Number(key)) : childPath(path, key);
    value = valueAt(value, [key]);
  }
  return path;
}

/** The value that a pointer leads to; `undefined` where it leads nowhere. */
export function valueAt(root: unknown, place: readonly string[]): unknown {
  let value = root;
  for (const key of place) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isJsonObject(value)) value = ownProperty(value, key);
    else return undefined;
  }
  return value;
}

function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const branchingKeywords = new Set(['anyOf', 'oneOf']);

/**
 * Of the branches of an anyOf or oneOf only the one that came closest is worth reporting; the problems of all the
 * others would have to be read as alternatives.
 */
function bestBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames');
  for (const junctor of errors.filter(({ keyword }) => branchingKeywords.has(keyword))) {
    const prefix = `${junctor.schemaPath}/`;
    const inside = (error: ErrorObject): boolean =>
      error.schemaPath.startsWith(prefix) && error.instancePath.startsWith(junctor.instancePath);
    const branches = Map.groupBy(kept.filter(inside), ({ schemaPath }) =>
      schemaPath.slice(prefix.length).replace(/\/.*$/su, ''),
    );
    const [closest] = [...branches.values()].toSorted((left, right) => left.length - right.length);
    kept = kept.filter((error) => !inside(error) || closest?.includes(error) === true);
  }
  return kept;
}

function translate(error: ErrorObject, path: string): StatusCause {
  const field = path === '' ? '<nil>' : path;
  const value: unknown = error.data;
  const params = error.params as Readonly<Record<string, unknown>>; // -- ajv types it as any.
  switch (error.keyword) {
    case 'required':
      return fieldCause.required(childPath(path, String(params['missingProperty'])));
    case 'type':
      return translateType(error, path);
    case 'enum':
      return fieldCause.notSupported(field, value, supportedValues(params['allowedValues']));
    case 'format':
      return fieldCause.typeInvalid(
        field,
        value,
        `${path} in body must be of type ${String(params['format'])}: ${JSON.stringify(value)}`,
      );
    case 'maxLength':
      return fieldCause.tooLong(field, Number(params['limit']));
    case 'maxItems':
    case 'maxProperties':
      return fieldCause.tooMany(field, countOf(value), Number(params['limit']));
    default:
      return fieldCause.invalid(field, shownValue(value), describe(error.keyword, params, path));
  }
}

function translateType(error: ErrorObject, path: string): StatusCause {
  const types = (error.schema as readonly string[]).filter((type) => type !== 'null'); // -- as we wrote it.
  const found = typeName(error.data);
  const field = path === '' ? '<nil>' : path;
  const wanted = types.join(',');
  return fieldCause.typeInvalid(field, found, `${path} in body must be of type ${wanted}: "${found}"`);
}

function describe(keyword: string, params: Readonly<Record<string, unknown>>, path: string): string {
  const limit = String(params['limit']);
  switch (keyword) {
    case 'maximum':
      return `${path} in body should be less than or equal to ${limit}`;
    case 'minimum':
      return `${path} in body should be greater than or equal to ${limit}`;
    case 'exclusiveMaximum':
      return `${path} in body should be less than ${limit}`;
    case 'exclusiveMinimum':
      return `${path} in body should be greater than ${limit}`;
    case 'multipleOf':
      return `${path} in body should be a multiple of ${String(params['multipleOf'])}`;
    case 'pattern':
      return `${path} in body should match '${String(params['pattern'])}'`;
    case 'minLength':
      return `${path} in body should be at least ${limit} chars long`;
    case 'minItems':
      return `${path} in body should have at least ${limit} items`;
    case 'minProperties':
      return `${path} in body should have at least ${limit} properties`;
    case 'uniqueItems':
      return `${path} in body shouldn't contain duplicates`;
    default:
      return describeJunctor(keyword, params, path);
  }
}

function describeJunctor(keyword: string, params: Readonly<Record<string, unknown>>, path: string): string {
  switch (keyword) {
    case 'anyOf':
      return `"${path}" must validate at least one schema (anyOf)`;
    case 'oneOf': {
      const found = params['passingSchemas'] === null ? 'none valid' : '2 valid alternatives';
      return `"${path}" must validate one and only one schema (oneOf). Found ${found}`;
    }
    case 'not':
      return `"${path}" must not validate the schema (not)`;
    default:
      return `${path} in body is not valid (${keyword})`;
  }
}

/** Whole objects are not quoted back: their type says enough beside the path. */
function shownValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? typeName(value) : value;
}

function supportedValues(values: unknown): readonly unknown[] {
  return Array.isArray(values) ? values.filter((value) => value !== null) : [];
}

function countOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
