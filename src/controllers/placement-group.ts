import type { PlacementGroup } from '../api/generated/placement-group.ts';
import { placementGroups as resource } from '../api/generated/resources.ts';
import { inUse, protection, type InUseDeps } from '../reconcilers/in-use.ts';
import { usage, type UsageDeps } from '../reconcilers/placementgroup/usage.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { nameInstance } from './views/references.ts';
import { isReferenceChange, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type PlacementGroupDeps = InUseDeps & UsageDeps;

export function createPlacementGroupController(
  { informers, references }: World,
  tools: ControllerTools,
): Controller {
  const { placementGroups, instances } = informers;
  const depsFor = (group: PlacementGroup): PlacementGroupDeps => ({
    listInstances: () => references.instancesOfPlacementGroup(group),
    listUsers: () => references.instancesOfPlacementGroup(group).map(nameInstance),
    listHolders: () => [],
  });
  return createController<PlacementGroup, PlacementGroupDeps>(
    {
      resource,
      informer: placementGroups,
      metadataSteps: [protection],
      statusSteps: [usage, inUse],
      deletionSteps: [usage, inUse],
      depsFor,
      alsoOn: [
        onChange(instances, placementGroups, tools.clock, {
          when: isReferenceChange,
          concerns: ({ metadata }, { before, after }) =>
            [before, after].some((instance) => instance?.spec.placement?.placementGroup === metadata.name),
        }),
      ],
    },
    tools,
  );
}
