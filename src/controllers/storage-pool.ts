import { storagePools as resource } from '../api/generated/resources.ts';
import type { StoragePool } from '../api/generated/storage-pool.ts';
import { departedParts, type DepartedPartsDeps } from '../reconcilers/departed-parts.ts';
import { inUse, protection, type InUseDeps } from '../reconcilers/in-use.ts';
import { ready, type ReadyDeps } from '../reconcilers/storagepool/ready.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import { partHolders } from './views/part-holders.ts';
import { isReferenceChange, onAvailability, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type StoragePoolDeps = DepartedPartsDeps & InUseDeps & ReadyDeps;

export function createStoragePoolController(world: World, tools: ControllerTools): Controller {
  const { informers, references, listOnlineMembers } = world;
  const { storagePools, instances, profiles } = informers;
  const { clock } = tools;
  const depsFor = (pool: StoragePool): StoragePoolDeps => ({
    listOnlineMembers,
    hasMember: world.hasMember,
    listUsers: () => references.usersOfPool(pool),
    listHolders: () => partHolders(pool.status?.members, listOnlineMembers()),
  });
  return createController<StoragePool, StoragePoolDeps>(
    {
      resource,
      informer: storagePools,
      metadataSteps: [protection],
      statusSteps: [departedParts, inUse, ready],
      deletionSteps: [departedParts, inUse],
      depsFor,
      alsoOn: [
        onAvailability(informers, storagePools, clock),
        onChange(instances, storagePools, clock, { when: isReferenceChange }),
        onChange(profiles, storagePools, clock),
      ],
    },
    tools,
  );
}
