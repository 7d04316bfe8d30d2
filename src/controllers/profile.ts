import { instanceProfiles } from '../api/defaults.ts';
import type { Profile } from '../api/generated/profile.ts';
import { profiles as resource } from '../api/generated/resources.ts';
import { inUse, protection, type InUseDeps } from '../reconcilers/in-use.ts';
import { usage, type UsageDeps } from '../reconcilers/profile/usage.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { nameInstance } from './views/references.ts';
import { isReferenceChange, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type ProfileDeps = InUseDeps & UsageDeps;

export function createProfileController(
  { informers, references }: World,
  tools: ControllerTools,
): Controller {
  const { profiles, instances } = informers;
  const depsFor = (profile: Profile): ProfileDeps => ({
    countInstances: () => references.instancesOfProfile(profile).length,
    listUsers: () => references.instancesOfProfile(profile).map(nameInstance),
    listHolders: () => [],
  });
  return createController<Profile, ProfileDeps>(
    {
      resource,
      informer: profiles,
      metadataSteps: [protection],
      statusSteps: [usage, inUse],
      deletionSteps: [usage, inUse],
      depsFor,
      alsoOn: [
        onChange(instances, profiles, tools.clock, {
          when: isReferenceChange,
          concerns: ({ metadata }, { before, after }) =>
            [before, after].some(
              (instance) =>
                instance !== undefined &&
                instance.metadata.namespace === metadata.namespace &&
                instanceProfiles(instance.spec).includes(metadata.name),
            ),
        }),
      ],
    },
    tools,
  );
}
