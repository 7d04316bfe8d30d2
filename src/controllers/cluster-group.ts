import { memberSettings } from '../api/defaults.ts';
import type { ClusterGroup } from '../api/generated/cluster-group.ts';
import { clusterGroups as resource } from '../api/generated/resources.ts';
import { inUse, protection, type InUseDeps } from '../reconcilers/in-use.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { nameInstance } from './views/references.ts';
import { isReferenceChange, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

export function createClusterGroupController(
  { informers, references }: World,
  tools: ControllerTools,
): Controller {
  const { clusterGroups, instances, members } = informers;
  const { clock } = tools;
  const membersOf = ({ metadata }: ClusterGroup): readonly string[] =>
    members
      .list()
      .filter(({ spec }) => memberSettings(spec).groups.includes(metadata.name))
      .map((member) => `member ${member.metadata.name}`);
  const depsFor = (group: ClusterGroup): InUseDeps => ({
    listUsers: () => [...membersOf(group), ...references.instancesOfClusterGroup(group).map(nameInstance)],
    listHolders: () => [],
  });
  return createController<ClusterGroup, InUseDeps>(
    {
      resource,
      informer: clusterGroups,
      metadataSteps: [protection],
      statusSteps: [inUse],
      deletionSteps: [inUse],
      depsFor,
      alsoOn: [
        onChange(instances, clusterGroups, clock, {
          when: isReferenceChange,
          concerns: ({ metadata }, { before, after }) =>
            [before, after].some((instance) => instance?.spec.placement?.clusterGroup === metadata.name),
        }),
        onChange(members, clusterGroups, clock, {
          when: ({ before, after }) => before?.metadata.generation !== after?.metadata.generation,
        }),
      ],
    },
    tools,
  );
}
