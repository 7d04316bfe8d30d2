import type { Image } from '../api/generated/image.ts';
import { images as resource } from '../api/generated/resources.ts';
import { departedParts, type DepartedPartsDeps } from '../reconcilers/departed-parts.ts';
import { ready } from '../reconcilers/image/ready.ts';
import { replicas, type ReplicasDeps } from '../reconcilers/image/replicas.ts';
import { inUse, protection, type InUseDeps } from '../reconcilers/in-use.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { partHolders } from './views/part-holders.ts';
import { nameInstance } from './views/references.ts';
import { isReferenceChange, onAvailability, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type ImageDeps = DepartedPartsDeps & InUseDeps & ReplicasDeps;

export function createImageController(world: World, tools: ControllerTools): Controller {
  const { informers, references, listOnlineMembers } = world;
  const { images, instances, clusters } = informers;
  const { clock } = tools;
  const depsFor = (image: Image): ImageDeps => ({
    listOnlineMembers,
    hasMember: world.hasMember,
    minimalReplica: () => world.settings().imagesMinimalReplica,
    listUsingMembers: () =>
      references
        .instancesOfImage(image)
        .flatMap(({ status }) => (status?.member === undefined ? [] : [status.member])),
    listUsers: () => references.instancesOfImage(image).map(nameInstance),
    listHolders: () => partHolders(image.status?.members, listOnlineMembers()),
  });
  return createController<Image, ImageDeps>(
    {
      resource,
      informer: images,
      metadataSteps: [protection],
      statusSteps: [departedParts, inUse, ready, replicas],
      deletionSteps: [departedParts, inUse],
      depsFor,
      alsoOn: [
        onAvailability(informers, images, clock),
        onChange(clusters, images, clock),
        onChange(instances, images, clock, {
          when: isReferenceChange,
          concerns: ({ metadata }, { before, after }) =>
            [before, after].some(
              (instance) =>
                instance?.metadata.namespace === metadata.namespace && instance?.spec.image === metadata.name,
            ),
        }),
      ],
    },
    tools,
  );
}
