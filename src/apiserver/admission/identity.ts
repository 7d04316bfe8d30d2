import { apiError } from '../../api/api-error.ts';
import { groupsOf } from '../authn/identities.ts';
import type { User } from '../authn/user.ts';
import { type Authorizer, forbidden } from '../authz/authorizer.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { AdmissionRule } from './admission-rule.ts';

/** Who makes a login can use it. So it takes the right to act as that user, and as each of the groups. */
export const admitIdentity: AdmissionRule = ({ operation, kind, place, user, object, stored }, deps) => {
  const { group, plural } = kind.served;
  if (group !== 'muster.dev' || plural !== 'identities' || operation === 'delete') return undefined;
  if (object === undefined) return undefined;
  const before = stored === undefined ? [] : groupsOf(stored);
  const added = groupsOf(object).filter((name) => !before.includes(name));
  if (stored === undefined) checkMayBe(user, place.name, added, deps.authorizer);
  else if (added.length > 0) checkMayBe(user, place.name, added, deps.authorizer);
  return undefined;
};

export function checkMayActAs(user: User, name: string, identity: JsonObject, authorizer: Authorizer): void {
  checkMayBe(user, name, groupsOf(identity), authorizer);
}

function checkMayBe(user: User, name: string, groups: readonly string[], authorizer: Authorizer): void {
  if (name === '') throw apiError('BadRequest', 'an Identity needs a name');
  const wanted = [
    { resource: 'users', name },
    ...groups.map((group) => ({ resource: 'groups', name: group })),
  ];
  for (const target of wanted) {
    const attributes = { verb: 'impersonate', group: '', ...target };
    if (!authorizer.decide(user, attributes).isAllowed) throw forbidden(user, attributes);
  }
}
