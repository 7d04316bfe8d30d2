import type { Network } from '../api/generated/network.ts';
import { networks as resource } from '../api/generated/resources.ts';
import { departedParts, type DepartedPartsDeps } from '../reconcilers/departed-parts.ts';
import { inUse, protection, type InUseDeps } from '../reconcilers/in-use.ts';
import { allocation, type AllocationDeps } from '../reconcilers/network/allocation.ts';
import { ready, type ReadyDeps } from '../reconcilers/network/ready.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import type { ControllerInformers } from './informers.ts';
import { partHolders } from './views/part-holders.ts';
import { isReferenceChange, onAvailability, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type NetworkDeps = AllocationDeps & DepartedPartsDeps & InUseDeps & ReadyDeps;

export function createNetworkController(world: World, tools: ControllerTools): Controller {
  const { informers, references, listOnlineMembers } = world;
  const { networks, instances, profiles } = informers;
  const { clock } = tools;
  const depsFor = (network: Network): NetworkDeps => ({
    listOnlineMembers,
    hasMember: world.hasMember,
    listNetworks: () => networks.list(),
    listForeignSubnets: () => memberSubnets(informers),
    listUsers: () => references.usersOfNetwork(network),
    listHolders: () => partHolders(network.status?.members, listOnlineMembers()),
  });
  return createController<Network, NetworkDeps>(
    {
      resource,
      informer: networks,
      metadataSteps: [protection],
      statusSteps: [departedParts, inUse, allocation, ready],
      deletionSteps: [departedParts, inUse],
      depsFor,
      summarize: (_stored, _draft, unsettled) => unsettled,
      alsoOn: [
        onAvailability(informers, networks, clock),
        onChange(instances, networks, clock, { when: isReferenceChange }),
        onChange(profiles, networks, clock),
      ],
    },
    tools,
  );
}

/** A member tells its addresses without their masks; a /16 around each keeps clear of most sites. */
function memberSubnets({ members }: ControllerInformers): readonly string[] {
  const hosts = members.list().flatMap(({ spec, status }) => [spec.address, ...(status?.addresses ?? [])]);
  return hosts.map((host) => `${host.replace(/:\d+$/, '')}/16`);
}
