import { forbidden } from '../authz/authorizer.ts';
import { attributesOf } from '../authz/request-attributes.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { ResourceContext } from './resource-context.ts';

/** A PUT or an apply that finds nothing creates: the right to update must not be a way around that. */
export function checkMayCreate({ authorizer }: ServerDeps, { exchange, info, user }: ResourceContext): void {
  const attributes = attributesOf({ ...info, verb: 'create' }, exchange.url.searchParams);
  if (!authorizer.decide(user, attributes).isAllowed) throw forbidden(user, attributes);
}
