import { isDeepStrictEqual } from 'node:util';
import { apiError } from '../../api/api-error.ts';
import { membersGroup } from '../../api/names.ts';
import { qualifiedResource, resourceDetails } from '../registry/resource-kind.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import type { AdmissionRequest, AdmissionRule } from './admission-rule.ts';

const musterGroup = 'muster.dev';
const userPrefix = 'system:member:';

/** Why the change is not the member's to make; undefined when it is. */
type Judge = (member: string, stored: JsonObject, object: JsonObject) => string | undefined;

/**
 * A member's certificate writes what belongs to that member: what Kubernetes calls node restriction. Roles say
 * which kinds a member may write; this says which objects, and which parts of those that all members share.
 */
export const admitMemberScope: AdmissionRule = (request) => {
  const { user, kind, object, stored, subresource } = request;
  if (!user.groups.includes(membersGroup) || kind.served.group !== musterGroup) return undefined;
  const member = user.name.slice(userPrefix.length);
  const judge = judges.get(`${kind.served.plural}/${subresource ?? ''}`);
  const isUpdate = request.operation === 'update' && object !== undefined && stored !== undefined;
  const problem =
    judge === undefined || !isUpdate
      ? 'members write no more than the parts of objects that are theirs'
      : judge(member, stored, object);
  if (problem !== undefined) throw refuse(request, problem);
  return undefined;
};

const judges: ReadonlyMap<string, Judge> = new Map([
  ['members/status', judgeMember],
  ['instances/', judgeInstanceFinalizers],
  ['instances/status', judgeInstance],
  ['images/status', judgeImage],
  ['networks/status', judgeParts],
  ['storagepools/status', judgeParts],
]);

function judgeMember(member: string, stored: JsonObject): string | undefined {
  const name = at(stored, 'metadata', 'name');
  return name === member ? undefined : `it is another member's`;
}

function judgeInstance(member: string, stored: JsonObject): string | undefined {
  const placedOn = at(stored, 'status', 'member');
  return placedOn === member ? undefined : `the instance is not on member ${member}`;
}

/** A host says that nothing is left of an instance by taking the finalizer away; nothing else is its to change. */
function judgeInstanceFinalizers(member: string, stored: JsonObject, object: JsonObject): string | undefined {
  const problem = judgeInstance(member, stored);
  if (problem !== undefined) return problem;
  const same = isDeepStrictEqual(withoutFinalizers(stored), withoutFinalizers(object));
  return same ? undefined : 'a member changes the finalizers of an instance and nothing else';
}

/** The host that imports an image says what it is; the others say only what they have of it. */
function judgeImage(member: string, stored: JsonObject, object: JsonObject): string | undefined {
  return at(stored, 'spec', 'source', 'member') === member
    ? judgeEntries(member, stored, object)
    : judgeParts(member, stored, object);
}

function judgeParts(member: string, stored: JsonObject, object: JsonObject): string | undefined {
  const { members: _before, ...before } = statusOf(stored);
  const { members: _after, ...after } = statusOf(object);
  if (!isDeepStrictEqual(before, after))
    return 'a member changes its own entry of status.members and nothing else';
  return judgeEntries(member, stored, object);
}

function judgeEntries(member: string, stored: JsonObject, object: JsonObject): string | undefined {
  const same = isDeepStrictEqual(othersOf(member, stored), othersOf(member, object));
  return same ? undefined : 'the entries of other members in status.members are not its own to change';
}

function othersOf(member: string, object: JsonObject): readonly unknown[] {
  const { members } = statusOf(object);
  return Array.isArray(members)
    ? members.filter((entry) => !isJsonObject(entry) || entry['name'] !== member)
    : [];
}

function statusOf(object: JsonObject): JsonObject {
  const { status } = object;
  return isJsonObject(status) ? status : {};
}

function withoutFinalizers({ metadata, ...rest }: JsonObject): JsonObject {
  if (!isJsonObject(metadata)) return rest;
  // The last two are the server's own, and differ while an update is being prepared.
  const { finalizers: _finalizers, managedFields: _fields, resourceVersion: _version, ...others } = metadata;
  return { ...rest, metadata: others };
}

function at(object: JsonObject, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : undefined), object);
}

function refuse({ kind, place, user }: AdmissionRequest, problem: string): Error {
  const what = `${qualifiedResource(kind.served)} "${place.name}"`;
  return apiError(
    'Forbidden',
    `${what} is forbidden: User "${user.name}" may not change it: ${problem}`,
    resourceDetails(kind.served, place.name),
  );
}
