import { memberSettings } from '../../api/defaults.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';
import type { DatabaseRole } from './role-view.ts';

export interface DatabaseRoleDeps {
  /** The member in the Raft configuration; undefined when it is not in it, or nobody could say. */
  readonly nodeOf: (member: string) => DatabaseNodeView | undefined;
}

export interface DatabaseNodeView {
  readonly id: string;
  readonly role: DatabaseRole;
  readonly isLeader: boolean;
}

/** Shows the roles that the database gives beside those that people gave. */
export const databaseRole: Step<Draft<Member>, DatabaseRoleDeps> = {
  run(draft, { nodeOf }) {
    const node = nodeOf(draft.metadata.name);
    if (node === undefined) return settled;
    draft.status.id = node.id;
    draft.status.databaseRole = node.role;
    draft.status.roles = [...automaticRoles(node), ...memberSettings(draft.spec).roles];
    return settled;
  },
};

function automaticRoles({
  role,
  isLeader,
}: DatabaseNodeView): ('database-leader' | 'database-standby' | 'database-voter')[] {
  if (isLeader) return ['database-leader'];
  if (role === 'voter') return ['database-voter'];
  return role === 'stand-by' ? ['database-standby'] : [];
}
