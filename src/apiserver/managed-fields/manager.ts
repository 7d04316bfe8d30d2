import { isJsonObject, type JsonObject } from '../schema/json-object.ts';
import type { FieldSet } from './sets/field-set.ts';
import { encodeFields, parseFields } from './sets/fields-v1.ts';

/** One entry of managedFields: who owns which fields, and through which way of writing. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339; empty when the entry came without. */
  readonly time: string;
  readonly fields: FieldSet;
}

export type ManagerIdentity = Omit<Manager, 'fields' | 'time'>;

/** An applier stays the same when it moves to another version of the kind. */
export function isSameManager(left: ManagerIdentity, right: ManagerIdentity): boolean {
  return (
    left.name === right.name &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  );
}

/** Entries that nobody changed are written back as they were, without encoding their fields again. */
const rawEntries = new WeakMap<Manager, JsonObject>();

/** As a client sent them; undefined when the list, or any entry of it, cannot be understood. */
export function decodeManagers(list: unknown): readonly Manager[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const managers = list.map(decodeManager);
  return managers.every((manager) => manager !== undefined) ? managers : undefined;
}

/** What cannot be understood is left out: then nobody owns those fields. */
export function decodeStoredManagers(list: unknown): readonly Manager[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const manager = decodeManager(entry);
    if (manager === undefined) return [];
    rawEntries.set(manager, entry as JsonObject); // it has been decoded, so it is one
    return [manager];
  });
}

function decodeManager(entry: unknown): Manager | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { manager, operation, apiVersion, subresource, time, fieldsType, fieldsV1 } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (fieldsType !== 'FieldsV1') return undefined;
  const fields = parseFields(fieldsV1);
  if (fields === undefined || typeof apiVersion !== 'string') return undefined;
  return {
    ...{ name: textOf(manager), operation, apiVersion, subresource: textOf(subresource) },
    ...{ time: isTimestamp(time) ? time : '', fields },
  };
}

function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u.test(value);
}

/** In the order of Kubernetes: appliers first, then by age. */
export function encodeManagers(managers: readonly Manager[]): JsonObject[] {
  return managers.toSorted(compareManagers).map(encodeManager);
}

function encodeManager(manager: Manager): JsonObject {
  const raw = rawEntries.get(manager);
  if (raw !== undefined) return raw;
  const { name, operation, apiVersion, time, fields, subresource } = manager;
  return {
    ...{ manager: name, operation, apiVersion },
    ...(time === '' ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFields(fields),
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** Only a changed entry is a new one: the others keep the form in which they are stored. */
export function withFields(manager: Manager, fields: FieldSet): Manager {
  return fields === manager.fields ? manager : { ...manager, fields };
}

function compareManagers(left: Manager, right: Manager): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time, right.time) ||
    compareText(left.name, right.name) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
