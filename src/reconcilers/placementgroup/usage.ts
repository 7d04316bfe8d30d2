import type { Instance } from '../../api/generated/instance.ts';
import type { PlacementGroup } from '../../api/generated/placement-group.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';

export interface UsageDeps {
  readonly listInstances: (group: PlacementGroup) => readonly Instance[];
}

/** Shows the group's instances and how they are spread. */
export const usage: Step<Draft<PlacementGroup>, UsageDeps> = {
  run(draft, { listInstances }) {
    const instances = listInstances(draft);
    const counts = new Map<string, number>();
    for (const { status } of instances) {
      if (status?.member !== undefined) counts.set(status.member, (counts.get(status.member) ?? 0) + 1);
    }
    draft.status.usedBy = instances.map(({ metadata }) => metadata.name).toSorted();
    draft.status.memberCounts = [...counts]
      .map(([member, count]) => ({ member, count }))
      .toSorted((a, b) => (a.member < b.member ? -1 : 1));
    return settled;
  },
};
