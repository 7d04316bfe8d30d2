import { apiError } from '../../api/api-error.ts';
import { type Authorizer, forbidden } from '../authz/authorizer.ts';
import { type AnyRequest, headerOf } from '../http/exchange.ts';
import { type User, authenticatedGroup } from './user.ts';

const unsupported = /^impersonate-(?:uid|extra-)/;

/** Who the request counts as: with `kubectl --as`, somebody else, if the sender may act for them. */
export function impersonate(user: User, request: AnyRequest, authorizer: Authorizer): User {
  const name = headerOf(request, 'impersonate-user');
  const groups = splitGroups(headerOf(request, 'impersonate-group'));
  const other = Object.keys(request.headers).find((header) => unsupported.test(header));
  if (other !== undefined) throw apiError('BadRequest', `the header ${other} is not supported`);
  if (name === undefined) {
    if (groups.length === 0) return user;
    throw apiError('BadRequest', 'requested to impersonate groups without impersonating a user');
  }
  checkMay(user, { resource: 'users', name }, authorizer);
  for (const group of groups) checkMay(user, { resource: 'groups', name: group }, authorizer);
  return { name, groups: [...groups, authenticatedGroup] };
}

function checkMay(user: User, target: { resource: string; name: string }, authorizer: Authorizer): void {
  const attributes = { verb: 'impersonate', group: '', ...target };
  if (!authorizer.decide(user, attributes).isAllowed) throw forbidden(user, attributes);
}

function splitGroups(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
}
