import type { Cluster } from '../../api/generated/cluster.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';

export interface MembershipDeps {
  readonly memberCount: () => number;
  /** Undefined while nobody could say. */
  readonly nodes: () => readonly NodeView[] | undefined;
}

export interface NodeView {
  readonly name: string;
  readonly isVoter: boolean;
  readonly isLeader: boolean;
}

/** Shows who leads, and how many there are. */
export const membership: Step<Draft<Cluster>, MembershipDeps> = {
  run({ status }, { memberCount, nodes }) {
    status.memberCount = memberCount();
    const known = nodes();
    if (known === undefined) return settled;
    status.leader = known.find(({ isLeader }) => isLeader)?.name;
    status.voterCount = known.filter(({ isVoter }) => isVoter).length;
    return settled;
  },
};
