export type DatabaseRole = 'spare' | 'stand-by' | 'voter';

/** A member as the assignment of database roles sees it. */
export interface RoleHolder {
  readonly name: string;
  readonly role: DatabaseRole;
  readonly isLeader: boolean;
  readonly isOnline: boolean;
  readonly isEvacuated: boolean;
  /** Has said that it stops: its vote goes to another one if there is one, and the rest waits whether it comes back. */
  readonly isLeaving: boolean;
  /** Was asked in vain a moment ago: keeps what it has, and gets nothing before others were asked. */
  readonly isPassedOver: boolean;
  /** Carries the role `control-plane`. */
  readonly isControlPlane: boolean;
  readonly failureDomain: string;
}

export interface RoleTargets {
  readonly maxVoters: number;
  readonly maxStandby: number;
}

/** What the rules ask about the cluster; computed once per decision. */
export interface RoleView {
  readonly voters: readonly RoleHolder[];
  /** Those that are there to stay. */
  readonly onlineVoters: readonly RoleHolder[];
  readonly standbys: readonly RoleHolder[];
  readonly onlineStandbys: readonly RoleHolder[];
  readonly leader: RoleHolder | undefined;
  readonly voterTarget: number;
  readonly standbyTarget: number;
  /** With three holders or more, only members with the role `control-plane` may get a database role. */
  readonly isControlPlaneActive: boolean;
  /** Online, may hold a role, and is no voter yet; the best first. */
  readonly voterCandidates: readonly RoleHolder[];
  readonly standbyCandidates: readonly RoleHolder[];
  readonly isEligible: (holder: RoleHolder) => boolean;
}

const controlPlaneMin = 3;

export function createRoleView(holders: readonly RoleHolder[], targets: RoleTargets): RoleView {
  const sorted = holders.toSorted((a, b) => compareNames(a.name, b.name));
  const isControlPlaneActive = sorted.filter((holder) => holder.isControlPlane).length >= controlPlaneMin;
  const isEligible = (holder: RoleHolder): boolean =>
    !holder.isEvacuated && (!isControlPlaneActive || holder.isControlPlane);
  const voters = sorted.filter((holder) => holder.role === 'voter');
  const standbys = sorted.filter((holder) => holder.role === 'stand-by');
  const onlineVoters = voters.filter((voter) => isOnline(voter) && !voter.isLeaving);
  const onlineStandbys = standbys.filter(isOnline);
  const free = sorted.filter(
    (holder) =>
      holder.role !== 'voter' &&
      !holder.isPassedOver &&
      !holder.isLeaving &&
      isOnline(holder) &&
      isEligible(holder),
  );
  return {
    voters,
    onlineVoters,
    standbys,
    onlineStandbys,
    leader: sorted.find((holder) => holder.isLeader),
    voterTarget: voterTarget(sorted.length, targets.maxVoters),
    standbyTarget: targets.maxStandby,
    isControlPlaneActive,
    voterCandidates: rank(free, onlineVoters),
    standbyCandidates: rank(
      free.filter((holder) => holder.role === 'spare'),
      onlineStandbys,
    ),
    isEligible,
  };
}

/** An even number of voters survives no more losses than the odd number below it. */
function voterTarget(size: number, maxVoters: number): number {
  if (size < 3) return 1;
  const most = Math.min(size, maxVoters);
  return most % 2 === 0 ? most - 1 : most;
}

/** New failure domains first, then who replicates already, then by name. */
function rank(candidates: readonly RoleHolder[], holders: readonly RoleHolder[]): readonly RoleHolder[] {
  const covered = domainsOf(holders);
  const isCovered = ({ failureDomain }: RoleHolder): number => Number(covered.has(failureDomain));
  const isSpare = ({ role }: RoleHolder): number => Number(role === 'spare');
  return candidates.toSorted(
    (a, b) => isCovered(a) - isCovered(b) || isSpare(a) - isSpare(b) || compareNames(a.name, b.name),
  );
}

export function domainsOf(holders: readonly RoleHolder[]): ReadonlySet<string> {
  return new Set(holders.map((holder) => holder.failureDomain));
}

/** Votes that a majority of `count` voters needs. */
export function quorumOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

export function isOnline(holder: RoleHolder): boolean {
  // Who decides this leads, and so is there, whatever the last heartbeat says.
  return holder.isOnline || holder.isLeader;
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
