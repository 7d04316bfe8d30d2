import type { Instance } from '../../api/generated/instance.ts';
import type { Member } from '../../api/generated/member.ts';
import type { PlacementGroup } from '../../api/generated/placement-group.ts';
import type { Draft } from '../draft.ts';
import { unavailability } from '../member/availability.ts';
import type { Outcome, Step } from '../step.ts';
import { unfitness } from './candidates.ts';
import { filterByGroup } from './filter-by-group.ts';

export interface PlacementDeps {
  /** Informer cache: may lag behind the API. */
  readonly listMembers: () => readonly Member[];
  readonly getPlacementGroup: (name: string) => PlacementGroup | undefined;
  /** Where the instances are, decisions that the cache does not show yet included. */
  readonly countInstances: (scope?: { readonly placementGroup: string }) => ReadonlyMap<string, number>;
  /** Architecture of the instance's image. */
  readonly imageArchitecture: () => string | undefined;
  readonly deviceTrouble: (member: string) => string | undefined;
  /** The one of equals; the caller takes note of it. */
  readonly pickOne: (members: readonly string[]) => string;
}

const membersNamed = 5;

/** Chooses a member for an unplaced instance. Moving a placed one is another matter. */
export const placement: Step<Draft<Instance>, PlacementDeps> = {
  condition: 'Placed',
  run(draft, deps) {
    const { status } = draft;
    if (status.member !== undefined) return placed(status.member);
    const choice =
      draft.spec.placement?.member === undefined ? chooseMember(draft, deps) : targetMember(draft, deps);
    if (typeof choice !== 'string') return choice;
    status.member = choice;
    // The host starts nothing whose epoch is older than one it has seen.
    status.epoch = (status.epoch ?? 0) + 1;
    return placed(choice);
  },
};

function placed(member: string): Outcome {
  return { kind: 'settled', reason: 'Placed', message: `on member ${member}` };
}

/** A member that is named gets the instance whatever its scheduling, architecture or placement group. */
function targetMember(
  { spec }: Instance,
  { listMembers, pickOne, deviceTrouble }: PlacementDeps,
): Outcome | string {
  const name = spec.placement?.member ?? '';
  const member = listMembers().find(({ metadata }) => metadata.name === name);
  if (member === undefined) return blocked('MemberNotFound', `member "${name}" does not exist`);
  const trouble = unavailability(member) ?? deviceTrouble(name);
  return trouble === undefined ? pickOne([name]) : blocked('MemberUnavailable', `member ${name} ${trouble}`);
}

/** Candidates, then what the placement group leaves of them, then the fewest instances, then chance. */
function chooseMember(draft: Instance, deps: PlacementDeps): Outcome | string {
  const { architecture, placement: target } = draft.spec;
  const need = {
    clusterGroup: target?.clusterGroup,
    architecture: architecture ?? deps.imageArchitecture(),
    deviceTrouble: deps.deviceTrouble,
  };
  const verdicts = deps
    .listMembers()
    .map((member) => ({ name: member.metadata.name, trouble: unfitness(member, need) }));
  const candidates = verdicts.filter(({ trouble }) => trouble === undefined).map(({ name }) => name);
  if (candidates.length === 0) return blocked('NoSuitableMember', describeVerdicts(verdicts));

  const { members, message } = filterGroup(target?.placementGroup, candidates, deps);
  if (members.length === 0) return blocked('PlacementGroupFull', message ?? '');

  const counts = deps.countInstances();
  const fewest = Math.min(...members.map((name) => counts.get(name) ?? 0));
  return deps.pickOne(members.filter((name) => (counts.get(name) ?? 0) === fewest));
}

function filterGroup(
  name: string | undefined,
  candidates: readonly string[],
  deps: PlacementDeps,
): ReturnType<typeof filterByGroup> {
  if (name === undefined) return { members: candidates };
  const group = deps.getPlacementGroup(name);
  if (group === undefined) return { members: [], message: `placement group "${name}" does not exist` };
  const { policy, rigor } = group.spec;
  const result = filterByGroup(group.spec, candidates, deps.countInstances({ placementGroup: name }));
  if (result.message === undefined) return result;
  return { members: [], message: `placement group "${name}" (${policy}, ${rigor}): ${result.message}` };
}

function describeVerdicts(
  verdicts: readonly { readonly name: string; readonly trouble: string | undefined }[],
): string {
  if (verdicts.length === 0) return 'the cluster has no members';
  const named = verdicts.slice(0, membersNamed).map(({ name, trouble = '' }) => `${name} ${trouble}`);
  const rest = verdicts.length - named.length;
  return `no member is suitable: ${named.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}

function blocked(reason: string, message: string): Outcome {
  return { kind: 'blocked', reason, message };
}
