import { memberSettings } from '../api/defaults.ts';
import type { Member, MemberSpec } from '../api/generated/member.ts';
import { UsageError } from './usage-error.ts';

export type GivenRole = NonNullable<MemberSpec['roles']>[number];

const givenRoles: readonly GivenRole[] = ['control-plane', 'ovn-chassis', 'event-hub'];
const automaticRoles = ['database-leader', 'database-voter', 'database-standby', 'database'];

/** The member's given roles with others added; LXD's rules for a request. */
export function withRoles(member: Member, requested: readonly string[]): GivenRole[] {
  const { roles } = memberSettings(member.spec);
  const added = requested.map((role) => {
    if (automaticRoles.includes(role)) {
      throw new UsageError(`the role "${role}" is assigned automatically and cannot be added by hand`);
    }
    const known = checkRole(role);
    if (roles.includes(known)) {
      throw new UsageError(`member "${member.metadata.name}" has the role "${role}" already`);
    }
    return known;
  });
  return [...roles, ...added];
}

export function withoutRoles(member: Member, requested: readonly string[]): GivenRole[] {
  const { roles } = memberSettings(member.spec);
  for (const role of requested) {
    if (automaticRoles.includes(role)) {
      throw new UsageError(`the role "${role}" is assigned automatically and cannot be taken away by hand`);
    }
    if (!roles.includes(checkRole(role))) {
      throw new UsageError(`member "${member.metadata.name}" does not have the role "${role}"`);
    }
  }
  return roles.filter((role) => !requested.includes(role));
}

function checkRole(role: string): GivenRole {
  const known = givenRoles.find((given) => given === role);
  if (known !== undefined) return known;
  throw new UsageError(`there is no role "${role}"; the roles are ${givenRoles.join(', ')}`);
}
