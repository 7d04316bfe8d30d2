import { settled, type Step } from './step.ts';

export interface DepartedPartsDeps {
  readonly hasMember: (name: string) => boolean;
}

interface Parted {
  readonly status: { members?: { readonly name: string }[] | undefined };
}

/**
 * Every member takes its own entry back, except one that has left the cluster. An entry that goes too early, since
 * a cache lags, is written again by its member.
 */
export const departedParts: Step<Parted, DepartedPartsDeps> = {
  run({ status }, { hasMember }) {
    const { members = [] } = status;
    const present = members.filter(({ name }) => hasMember(name));
    if (present.length < members.length) status.members = present;
    return settled;
  },
};
