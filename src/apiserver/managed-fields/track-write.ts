import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../schema/json-object.ts';
import type { FindType } from './field-types.ts';
import { managedFieldsOf } from './managed-fields-of.ts';
import {
  decodeManagers,
  decodeStoredManagers,
  encodeManagers,
  isSameManager,
  type Manager,
  type ManagerIdentity,
} from './manager.ts';
import { recordUpdate } from './record-update.ts';

/** How a write is to be remembered. */
export type Tracking = ApplyTracking | UpdateTracking;

export interface UpdateTracking {
  readonly kind: 'update';
  readonly self: ManagerIdentity;
  /** `metadata.managedFields` as the request has it: clients may rewrite who owns what. */
  readonly sent: unknown;
  /** A patch that ends in an empty list means it; a PUT may come from a client that does not know the field. */
  readonly isPatch: boolean;
}

export interface ApplyTracking {
  readonly kind: 'apply';
  readonly self: ManagerIdentity;
  /** Everybody's fields after the apply. */
  readonly managers: readonly Manager[];
}

export interface TrackedWrite {
  /** Undefined for a new object. */
  readonly stored: JsonObject | undefined;
  /** As it would be stored, with the managedFields of `stored`. */
  readonly object: JsonObject;
  /** Whether anything besides managedFields differs. */
  readonly isChanged: boolean;
  readonly time: string;
  readonly findType: FindType;
}

/** The object with its new managedFields; the very same list when nothing about them has changed. */
export function trackWrite(tracking: Tracking, write: TrackedWrite): JsonObject {
  const stored = write.stored === undefined ? undefined : managedFieldsOf(write.stored);
  const managers =
    tracking.kind === 'apply' ? markApplied(tracking, write) : ownersAfterUpdate(tracking, write, stored);
  if (managers === undefined) return write.object;
  const encoded = encodeManagers(managers);
  const { managedFields: _before, ...metadata } = write.object['metadata'] as JsonObject; // every object has it
  const isSame = Array.isArray(stored) && isSameList(encoded, stored);
  if (isSame) return write.object;
  return {
    ...write.object,
    metadata: encoded.length === 0 ? metadata : { ...metadata, managedFields: encoded },
  };
}

/** Undefined when everything stays as it is. */
function ownersAfterUpdate(
  { self, sent, isPatch }: UpdateTracking,
  { stored, object, isChanged, time, findType }: TrackedWrite,
  storedList: unknown,
): readonly Manager[] | undefined {
  const given = self.subresource === '' ? sent : undefined;
  const isReset = isResetList(given) || (isPatch && isEmptyList(given));
  if (isReset) return [];
  const managers = sentManagers(given, storedList) ?? decodeStoredManagers(storedList);
  // Nobody has ever owned anything: only an apply begins to track an object that is there already.
  if (managers.length === 0 && stored !== undefined) return undefined;
  if (!isChanged) return managers;
  return recordUpdate({ before: stored ?? {}, after: object, managers, self, time, findType });
}

/** The list that a client sent, unless it is the stored one, empty, or nonsense: then the stored one stays. */
function sentManagers(sent: unknown, stored: unknown): readonly Manager[] | undefined {
  if (sent === undefined || isEmptyList(sent) || isDeepStrictEqual(sent, stored)) return undefined;
  return decodeManagers(sent);
}

/** An applier's time moves with its fields, and with their values. */
function markApplied({ self, managers }: ApplyTracking, { isChanged, time }: TrackedWrite): Manager[] {
  return managers.map((manager) =>
    isChanged && isSameManager(manager, self) ? { ...manager, time } : manager,
  );
}

/** `[{}]` is the agreed way to say that nobody shall own anything. */
function isResetList(list: unknown): boolean {
  if (!Array.isArray(list) || list.length !== 1) return false;
  const only: unknown = list[0];
  return isJsonObject(only) && Object.keys(only).length === 0;
}

function isEmptyList(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((entry, index) => entry === right[index]);
}
