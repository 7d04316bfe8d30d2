import { type JsonObject, isJsonObject } from '../json-object.ts';

const wholeTime = /^(.+:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/u;

/** Times of events and leases have six digits after the second, whatever the client wrote. */
export function withMicroTimes(object: JsonObject, keys: readonly string[]): JsonObject {
  const changed = keys.flatMap((key) => {
    const value = object[key];
    const text = typeof value === 'string' ? toMicroTime(value) : value;
    return text === value ? [] : [[key, text] as const];
  });
  return changed.length === 0 ? object : { ...object, ...Object.fromEntries(changed) };
}

/** The same in an object within. */
export function withMicroTimesIn(object: JsonObject, field: string, keys: readonly string[]): JsonObject {
  const inner = object[field];
  return isJsonObject(inner) ? { ...object, [field]: withMicroTimes(inner, keys) } : object;
}

function toMicroTime(text: string): string {
  const [, time, fraction = '', zone] = wholeTime.exec(text) ?? [];
  if (time === undefined || zone === undefined || Number.isNaN(Date.parse(text))) return text;
  const utc = zone === 'Z' ? time : new Date(Date.parse(`${time}${zone}`)).toISOString().slice(0, 19);
  return `${utc}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}
