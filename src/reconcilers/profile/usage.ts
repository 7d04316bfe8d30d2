import type { Profile } from '../../api/generated/profile.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';

export interface UsageDeps {
  readonly countInstances: (profile: Profile) => number;
}

export const usage: Step<Draft<Profile>, UsageDeps> = {
  run(draft, { countInstances }) {
    draft.status.usedByCount = countInstances(draft);
    return settled;
  },
};
