import { isWorse, type DiskLevel } from './disk-level.ts';

export interface VoterSpace {
  readonly name: string;
  /** Undefined: it cannot be reached, so no majority counts on it. */
  readonly level: DiskLevel | undefined;
}

export interface Admission {
  readonly level: DiskLevel;
  /** Whose disks have to get room before more is admitted. */
  readonly short: readonly string[];
  /** Who could lead instead of the member that does, and should. */
  readonly heirs: readonly string[];
}

/**
 * How much the cluster can take. A majority with room is enough: a follower that runs full stops by itself and
 * comes back when it has room, and must not stop the others. The leader writes before anybody else, so it gives
 * its office away while it still can.
 */
export function judgeAdmission(leader: VoterSpace, others: readonly VoterSpace[]): Admission {
  const own = leader.level ?? 'ok';
  const voters = [leader, ...others];
  const levels = voters.map(({ level }) => level ?? 'full').toSorted((a, b) => (isWorse(a, b) ? 1 : -1));
  const ofMajority = levels[Math.floor(voters.length / 2)] ?? own;
  const level = own === 'full' ? own : ofMajority;
  const short = level === 'ok' ? [] : voters.filter((one) => one.level !== undefined && one.level !== 'ok');
  const heirs = own === 'ok' ? [] : others.filter((one) => one.level === 'ok');
  return { level, short: short.map(({ name }) => name), heirs: heirs.map(({ name }) => name) };
}
