import type { StatusCause } from '../../api/api-error.ts';
import { fieldCause } from './field-cause.ts';
import { indexPath } from './field-path.ts';
import { isJsonObject, type JsonObject, ownProperty } from './json-object.ts';

export function checkOwnerReferences(references: unknown, path: string): StatusCause[] {
  if (!Array.isArray(references)) return [];
  const owners = references.filter(isJsonObject);
  const incomplete = owners.flatMap((owner, index) => checkOwner(owner, indexPath(path, index)));
  const [first, second] = owners.filter((owner) => ownProperty(owner, 'controller') === true);
  if (first === undefined || second === undefined) return incomplete;
  const names = [first, second].map((owner) => String(ownProperty(owner, 'name'))).join(' and ');
  const detail =
    'Only one reference can have Controller set to true. ' + `Found "true" in references for ${names}`;
  return [...incomplete, fieldCause.invalid(path, owners, detail)];
}

function checkOwner(owner: JsonObject, path: string): StatusCause[] {
  const version = checkPresent(owner, 'apiVersion', path, 'version must not be empty');
  const rest = ['kind', 'name', 'uid'].flatMap((key) => checkPresent(owner, key, path, 'must not be empty'));
  return [...version, ...rest];
}

function checkPresent(owner: JsonObject, key: string, path: string, problem: string): StatusCause[] {
  const value = ownProperty(owner, key);
  if (typeof value === 'string' && value !== '') return [];
  return [fieldCause.invalid(`${path}.${key}`, value ?? '', problem)];
}
