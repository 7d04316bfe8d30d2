import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';

export interface InstanceCountDeps {
  readonly countInstances: (member: string) => number;
}

export const instanceCount: Step<Draft<Member>, InstanceCountDeps> = {
  run(draft, { countInstances }) {
    draft.status.instanceCount = countInstances(draft.metadata.name);
    return settled;
  },
};
