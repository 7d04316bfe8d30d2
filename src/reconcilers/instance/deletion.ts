import type { Instance } from '../../api/generated/instance.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { isOnline } from '../member/availability.ts';
import type { Outcome, Step } from '../step.ts';

export interface DeletionDeps {
  readonly getMember: (name: string) => Member | undefined;
}

/** Says what a deletion waits for. The work is done by the agent of the member that has the instance. */
export const deletion: Step<Draft<Instance>, DeletionDeps> = {
  condition: 'Deleted',
  run({ status: { member: name } }, { getMember }) {
    const member = name === undefined ? undefined : getMember(name);
    if (member === undefined) {
      return underWay('Forgetting', 'no member has anything of the instance');
    }
    const { name: host } = member.metadata;
    if (isOnline(member)) return underWay('CleaningUp', `member ${host} is removing the instance`);
    const message = `member ${host} is offline; it removes the instance when it is back`;
    return { kind: 'blocked', reason: 'MemberOffline', message };
  },
};

/** Nothing stands in the way: the object is gone before it could say that it is. */
function underWay(reason: string, message: string): Outcome {
  return { kind: 'settled', status: 'False', reason, message };
}
