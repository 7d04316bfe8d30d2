import type { Cluster } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { isOnline } from '../member/availability.ts';
import { settled, type Step } from '../step.ts';

export interface FeatureLevelDeps {
  readonly listMembers: () => readonly Member[];
}

/**
 * Raises the cluster's level once every live member has a higher one; never lowers it. Members that are away are
 * not waited for: one that comes back too old is Blocked until it is upgraded.
 */
export const featureLevelStep: Step<Draft<Cluster>, FeatureLevelDeps> = {
  run({ status }, { listMembers }) {
    const levels = listMembers()
      .filter(isOnline)
      .map((member) => member.status?.featureLevels?.newest);
    const known = levels.filter((level) => level !== undefined);
    // A member that has not said yet what it can do could be an old one.
    if (known.length === 0 || known.length < levels.length) return settled;
    status.featureLevel = Math.max(status.featureLevel ?? 0, Math.min(...known));
    return settled;
  },
};
