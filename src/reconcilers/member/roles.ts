import {
  createRoleView,
  domainsOf,
  isOnline,
  quorumOf,
  type DatabaseRole,
  type RoleHolder,
  type RoleTargets,
  type RoleView,
} from './role-view.ts';

export type RoleChange =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'assign';
      readonly member: string;
      readonly role: DatabaseRole;
      /** Completes "because …". */
      readonly because: string;
    }
  | { readonly kind: 'transfer'; readonly to: string; readonly because: string };

type Rule = (view: RoleView) => RoleChange | undefined;

/**
 * What is wrong first, and one change at a time: the world after it is looked at again. Promotions come before
 * demotions, so that the number of voters never falls below what was there on the way to something better.
 */
const rules: readonly Rule[] = [
  replaceEvacuatedVoter,
  replaceEvacuatedStandby,
  spreadVoters,
  addVoter,
  replaceOutsideVoter,
  moveLeadership,
  dropLeavingVoter,
  dropOfflineVoter,
  dropSurplusVoter,
  dropEvacuatedVoter,
  addStandby,
  dropSurplusStandby,
  dropIneligibleStandby,
];

/**
 * The next change of database roles, if any. One voter for one or two members, then as many as wanted, always
 * an odd number; then stand-bys; the rest are spares. The decision depends on its arguments only, not on their
 * order, and repeating it until there is none always ends.
 */
export function nextRoleChange(holders: readonly RoleHolder[], targets: RoleTargets): RoleChange {
  const view = createRoleView(holders, targets);
  for (const rule of rules) {
    const change = rule(view);
    if (change !== undefined) return change;
  }
  return { kind: 'none' };
}

function replaceEvacuatedVoter({
  onlineVoters,
  voterTarget,
  voterCandidates,
}: RoleView): RoleChange | undefined {
  const staying = onlineVoters.filter((voter) => !voter.isEvacuated);
  if (staying.length === onlineVoters.length || staying.length >= voterTarget) return undefined;
  return assign(voterCandidates[0], 'voter', 'a voter is evacuated');
}

function replaceEvacuatedStandby(view: RoleView): RoleChange | undefined {
  const { onlineStandbys, standbyTarget, standbyCandidates } = view;
  const staying = onlineStandbys.filter((standby) => !standby.isEvacuated);
  if (staying.length === onlineStandbys.length || staying.length >= standbyTarget) return undefined;
  return assign(standbyCandidates[0], 'stand-by', 'a stand-by is evacuated');
}

/** The surplus that this makes is taken from the domain with the most voters. */
function spreadVoters({ onlineVoters, voterCandidates, voterTarget }: RoleView): RoleChange | undefined {
  const covered = domainsOf(onlineVoters);
  if (covered.size >= onlineVoters.length || onlineVoters.length < voterTarget) return undefined;
  const candidate = voterCandidates.find(({ failureDomain }) => !covered.has(failureDomain));
  return assign(candidate, 'voter', `failure domain ${candidate?.failureDomain ?? ''} has no voter`);
}

function addVoter({ voters, onlineVoters, voterTarget, voterCandidates }: RoleView): RoleChange | undefined {
  if (onlineVoters.length >= voterTarget) return undefined;
  // From an odd number of healthy voters on, only two more make the cluster survive one more loss.
  const isStepUp = voters.length === onlineVoters.length && onlineVoters.length % 2 === 1;
  if (isStepUp && voterCandidates.length < 2) return undefined;
  const because = `${onlineVoters.length} of ${voterTarget} voters are online`;
  return assign(voterCandidates[0], 'voter', because);
}

function replaceOutsideVoter(view: RoleView): RoleChange | undefined {
  const { onlineVoters, voterTarget, voterCandidates, isControlPlaneActive } = view;
  if (!isControlPlaneActive || onlineVoters.length > voterTarget) return undefined;
  const outside = onlineVoters.find((voter) => !voter.isControlPlane);
  if (outside === undefined) return undefined;
  return assign(voterCandidates[0], 'voter', `voter ${outside.name} does not have the role control-plane`);
}

function moveLeadership({ leader, onlineVoters, isEligible }: RoleView): RoleChange | undefined {
  if (leader === undefined || isEligible(leader)) return undefined;
  const heir = onlineVoters.find((voter) => voter !== leader && !voter.isPassedOver && isEligible(voter));
  if (heir === undefined) return undefined;
  const because = leader.isEvacuated ? 'is evacuated' : 'does not have the role control-plane';
  return { kind: 'transfer', to: heir.name, because: `leader ${leader.name} ${because}` };
}

/**
 * A voter that stops hands its vote on, and keeps it when nobody can take it: it will be back. It becomes a stand-by
 * where one is wanted, so that a restart costs two changes, and none of them copies the database.
 */
function dropLeavingVoter(view: RoleView): RoleChange | undefined {
  const { voters, onlineVoters, voterTarget, onlineStandbys, standbyTarget, isEligible } = view;
  if (onlineVoters.length < voterTarget) return undefined;
  // The next leader takes the vote of this one.
  const leaving = voters.find((voter) => voter.isLeaving && !voter.isLeader && isOnline(voter));
  if (leaving === undefined) return undefined;
  const hasRoom = onlineStandbys.length < standbyTarget && isEligible(leaving);
  return assign(leaving, hasRoom ? 'stand-by' : 'spare', `voter ${leaving.name} stops`);
}

/**
 * A lost voter goes once it has been replaced, or when so many are lost that a smaller quorum survives more.
 * It stays otherwise: it may come back, and would then be missed.
 */
function dropOfflineVoter({
  voters,
  onlineVoters,
  voterTarget,
  isControlPlaneActive,
}: RoleView): RoleChange | undefined {
  // All members of a cluster may be told to stop at once: then nobody is better off without the others.
  const present = voters.filter(isOnline);
  const offline = voters.filter((voter) => !present.includes(voter));
  const isReplaced = onlineVoters.length >= voterTarget;
  const isBetterWithout = quorumOf(present.length) < quorumOf(voters.length);
  if (!isReplaced && !isBetterWithout) return undefined;
  const [first] = isControlPlaneActive ? offline.toSorted(outsidersFirst) : offline;
  return assign(first, 'spare', `voter ${first?.name ?? ''} is offline`);
}

function dropSurplusVoter(view: RoleView): RoleChange | undefined {
  const { onlineVoters, voterTarget } = view;
  if (onlineVoters.length <= voterTarget) return undefined;
  const [first] = onlineVoters.filter(mayLoseVote(view)).toSorted(demotionOrder(view, onlineVoters));
  // A stand-by on its way out: dqlite stops replicating to a voter only by that step.
  return assign(first, 'stand-by', `${onlineVoters.length} voters are online, ${voterTarget} are wanted`);
}

function dropEvacuatedVoter(view: RoleView): RoleChange | undefined {
  const evacuated = view.voters.find((voter) => voter.isEvacuated && mayLoseVote(view)(voter));
  if (evacuated === undefined) return undefined;
  const role = isOnline(evacuated) ? 'stand-by' : 'spare';
  return assign(evacuated, role, `${evacuated.name} is evacuated`);
}

function addStandby(view: RoleView): RoleChange | undefined {
  const { voters, onlineVoters, voterTarget, onlineStandbys, standbyTarget, standbyCandidates } = view;
  // A leader that stops gets that place from the next one.
  const isTaken = ({ isLeaving, isLeader }: RoleHolder): boolean => isLeaving && isLeader;
  const taken = onlineVoters.length >= voterTarget ? voters.filter(isTaken).length : 0;
  if (onlineStandbys.length + taken >= standbyTarget) return undefined;
  const because = `${onlineStandbys.length} of ${standbyTarget} stand-bys are online`;
  return assign(standbyCandidates[0], 'stand-by', because);
}

function dropSurplusStandby(view: RoleView): RoleChange | undefined {
  const { onlineStandbys, standbyTarget } = view;
  if (onlineStandbys.length <= standbyTarget) return undefined;
  const [first] = onlineStandbys.toSorted(demotionOrder(view, onlineStandbys));
  return assign(first, 'spare', `${onlineStandbys.length} stand-bys are online, ${standbyTarget} are wanted`);
}

function dropIneligibleStandby({ standbys, onlineStandbys, isEligible }: RoleView): RoleChange | undefined {
  const offline = standbys.find((standby) => !onlineStandbys.includes(standby));
  if (offline !== undefined) return assign(offline, 'spare', `stand-by ${offline.name} is offline`);
  const ineligible = onlineStandbys.find((standby) => !isEligible(standby));
  const because = ineligible?.isEvacuated === true ? 'is evacuated' : 'does not have the role control-plane';
  return assign(ineligible, 'spare', `stand-by ${ineligible?.name ?? ''} ${because}`);
}

function mayLoseVote({ voters, onlineVoters, leader }: RoleView): (voter: RoleHolder) => boolean {
  return (voter) => {
    const left = onlineVoters.filter((other) => other !== voter).length;
    return voter !== leader && left >= quorumOf(voters.length - 1);
  };
}

/** Evacuated first, then those outside an active control plane, then from the domain that has the most. */
function demotionOrder({ isControlPlaneActive }: RoleView, holders: readonly RoleHolder[]) {
  const crowd = ({ failureDomain }: RoleHolder): number =>
    holders.filter((other) => other.failureDomain === failureDomain).length;
  return (a: RoleHolder, b: RoleHolder): number =>
    Number(b.isEvacuated) - Number(a.isEvacuated) ||
    (isControlPlaneActive ? outsidersFirst(a, b) : 0) ||
    crowd(b) - crowd(a);
}

function outsidersFirst(a: RoleHolder, b: RoleHolder): number {
  return Number(a.isControlPlane) - Number(b.isControlPlane);
}

function assign(holder: RoleHolder | undefined, role: DatabaseRole, because: string): RoleChange | undefined {
  return holder === undefined ? undefined : { kind: 'assign', member: holder.name, role, because };
}
