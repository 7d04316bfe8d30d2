import { parseAddress } from '../../address.ts';

export interface EditableMember {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly role: string;
}

const roles = ['voter', 'stand-by', 'spare'];
const fields = ['id', 'name', 'address', 'role'] as const;

export type EditResult =
  | { readonly kind: 'refused'; readonly problem: string }
  | {
      readonly kind: 'edited';
      readonly members: readonly EditableMember[];
      readonly areRolesChanged: boolean;
    }
  | { readonly kind: 'unchanged' };

/** Judges an edited list of members by the rules of LXD, in its words. */
export function judgeEdit(before: readonly EditableMember[], edited: unknown): EditResult {
  const members = readMembers(edited);
  if (typeof members === 'string') return { kind: 'refused', problem: members };
  const problem = findProblem(before, members);
  if (problem !== undefined) return { kind: 'refused', problem };
  const isChanged = (field: 'address' | 'role'): boolean =>
    members.some((member, index) => member[field] !== before[index]?.[field]);
  const areRolesChanged = isChanged('role');
  if (!areRolesChanged && !isChanged('address')) return { kind: 'unchanged' };
  return { kind: 'edited', members, areRolesChanged };
}

function readMembers(edited: unknown): readonly EditableMember[] | string {
  const list =
    typeof edited === 'object' && edited !== null && 'members' in edited ? edited.members : undefined;
  if (!Array.isArray(list)) return 'a list "members" is wanted';
  const members: EditableMember[] = [];
  for (const [index, entry] of (list as readonly unknown[]).entries()) {
    if (typeof entry !== 'object' || entry === null) return `members[${index}] is no member`;
    const given = entry as Readonly<Record<string, unknown>>; // checked field by field
    const unknown = Object.keys(given).find((key) => !fields.some((field) => field === key));
    if (unknown !== undefined) return `members[${index}] has the unknown field "${unknown}"`;
    const missing = fields.find((field) => !isText(given[field]));
    if (missing !== undefined) return `members[${index}].${missing} is missing, or no text`;
    const text = (field: (typeof fields)[number]): string => String(given[field]);
    members.push({ id: text('id'), name: text('name'), address: text('address'), role: text('role') });
  }
  return members;
}

/** Ids are long numbers: quoted, they would lose nothing in YAML, and a person may take the quotes away. */
function isText(value: unknown): boolean {
  return (
    (typeof value === 'string' && value !== '') || typeof value === 'bigint' || Number.isSafeInteger(value)
  );
}

function findProblem(
  before: readonly EditableMember[],
  members: readonly EditableMember[],
): string | undefined {
  if (members.length < before.length) return 'Removing cluster members is not supported';
  if (members.length > before.length) return 'Adding cluster members is not supported';
  for (const [index, member] of members.entries()) {
    const problem = findChangeProblem(before[index], member);
    if (problem !== undefined) return problem;
  }
  const addresses = members.map(({ address }) => address);
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twice !== undefined) return `two members cannot have the address ${twice}`;
  // What the rules make of the roles is not for somebody to answer who sets an address right.
  const isVoting = members.some(({ role }, index) => role !== before[index]?.role);
  return isVoting ? findVoterProblem(members) : undefined;
}

function findChangeProblem(
  before: EditableMember | undefined,
  { id, name, address, role }: EditableMember,
): string | undefined {
  if (id !== before?.id) return 'Changing cluster member ID is not supported';
  if (name !== before.name) return 'Changing cluster member name is not supported';
  if (!roles.includes(role)) return `unknown raft role: "${role}"`;
  if (before.role === 'spare' && role === 'voter') return 'A "spare" cluster member cannot become a "voter"';
  const { problem } = parseAddress(address);
  return problem === undefined ? undefined : `the address of ${name}: ${problem}`;
}

function findVoterProblem(members: readonly EditableMember[]): string | undefined {
  const voterCount = members.filter(({ role }) => role === 'voter').length;
  if (voterCount === 0) return 'At least one member must be a "voter"';
  if (voterCount < 2 && members.length > 2) return 'Number of "voter" must be 2 or more';
  return undefined;
}
