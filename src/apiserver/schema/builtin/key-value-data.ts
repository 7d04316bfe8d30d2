import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject, ownProperty } from '../json-object.ts';

const maxBytes = 1024 * 1024;
const maxKeyBytes = 253;
const keyPattern = /^[-._a-zA-Z0-9]+$/u;
const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  " +
  "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Keys become file names where the data is mounted, and all of it is held in memory by every member. */
export function checkDataKeys(object: JsonObject, fields: readonly string[]): StatusCause[] {
  let bytes = 0;
  const causes = fields.flatMap((name) => {
    const data = ownProperty(object, name);
    if (!isJsonObject(data)) return [];
    for (const value of Object.values(data)) bytes += dataBytes(value, name === 'data' && fields.length > 1);
    return Object.keys(data).flatMap((key) => checkKey(key, `${name}[${key}]`));
  });
  return bytes > maxBytes ? [...causes, fieldCause.tooLong('', maxBytes)] : causes;
}

/** Once `immutable` is set, neither it nor the data can change. */
export function checkUnchanged(
  object: JsonObject,
  stored: JsonObject | undefined,
  fields: readonly string[],
): StatusCause[] {
  if (stored === undefined || ownProperty(stored, 'immutable') !== true) return [];
  const rule = 'field is immutable when `immutable` is set';
  const changed = fields.filter(
    (name) => !isDeepStrictEqual(ownProperty(object, name) ?? {}, ownProperty(stored, name) ?? {}),
  );
  return [
    ...(ownProperty(object, 'immutable') === true ? [] : [fieldCause.forbidden('immutable', rule)]),
    ...changed.map((name) => fieldCause.forbidden(name, rule)),
  ];
}

function checkKey(key: string, path: string): StatusCause[] {
  if (key.length > maxKeyBytes) {
    return [fieldCause.invalid(path, key, `must be no more than ${maxKeyBytes} characters`)];
  }
  if (key === '.' || key === '..') return [fieldCause.invalid(path, key, `must not be '${key}'`)];
  return keyPattern.test(key) ? [] : [fieldCause.invalid(path, key, keyRule)];
}

function dataBytes(value: unknown, isText: boolean): number {
  if (typeof value !== 'string') return 0;
  return isText ? Buffer.byteLength(value) : Math.floor((value.length * 3) / 4);
}
