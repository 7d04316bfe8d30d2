import { controllerComponent } from '../api/names.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../runtime/backoff.ts';
import type { ClusterApi } from '../runtime/cluster-api.ts';
import { createEventRecorder } from '../runtime/record-event.ts';
import type { WorkQueueCounts } from '../runtime/work-queue.ts';
import { createClusterController, type AuthorityControl } from './cluster.ts';
import { createClusterGroupController } from './cluster-group.ts';
import type { ControllerTools } from './controller.ts';
import { createRoleController } from './database-roles.ts';
import { createImageController } from './image.ts';
import type { ControllerInformers } from './informers.ts';
import { createInstanceController } from './instance.ts';
import { createMemberController } from './member.ts';
import { createNetworkController } from './network.ts';
import { createPlacementGroupController } from './placement-group.ts';
import { createProfileController } from './profile.ts';
import { createStoragePoolController } from './storage-pool.ts';
import { createDatabaseView, type DatabaseControl } from './views/database-view.ts';
import { createWorld } from './views/world.ts';

export interface ControllersDeps {
  /** Writes with it must fail once another member leads: see `leaderHeaders`. */
  readonly clusterApi: ClusterApi;
  /** Started by the caller. */
  readonly informers: ControllerInformers;
  readonly database: DatabaseControl;
  /** Makes sure that there is a token with which the host of this name can join; says in which Secret. */
  readonly offerJoinToken: (memberName: string, signal: AbortSignal) => Promise<string>;
  readonly authority: AuthorityControl;
  /** The member that runs the controllers. */
  readonly memberName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Controllers {
  /** Waits for the caches, then works until the signal aborts. One run per object. */
  run(signal: AbortSignal): Promise<void>;
  counts(): Readonly<Record<string, WorkQueueCounts>>;
}

/** All controllers of a term. Made anew for each, so that nothing assumed under another leader lives on. */
export function createControllers(deps: ControllersDeps): Controllers {
  const { clusterApi, informers, database, authority, memberName, offerJoinToken, clock, random, logger } =
    deps;
  const events = createEventRecorder({
    clusterApi,
    component: controllerComponent,
    host: memberName,
    clock,
    random,
    logger,
  });
  const tools: ControllerTools = { clusterApi, events, clock, random, logger };
  const world = createWorld(informers, createDatabaseView({ database, clock, memberName }));
  const controllers = [
    createRoleController(world, database, tools),
    createClusterController(world, authority, tools),
    createMemberController(
      world,
      { remove: (name, signal, options) => database.remove(name, signal, options), offerJoinToken },
      tools,
    ),
    createClusterGroupController(world, tools),
    createPlacementGroupController(world, tools),
    createInstanceController(world, tools),
    createImageController(world, tools),
    createProfileController(world, tools),
    createStoragePoolController(world, tools),
    createNetworkController(world, tools),
  ];
  return {
    counts: () => Object.fromEntries(controllers.map(({ name, counts }) => [name, counts])),
    async run(signal) {
      try {
        if (!(await haveSynced(informers, signal))) return;
        logger.info({ controllers: controllers.length }, 'caches are filled, controllers work');
        await Promise.all([events.run(signal), ...controllers.map((controller) => controller.run(signal))]);
      } finally {
        world.close();
      }
    },
  };
}

/** False when the signal ended the wait. */
async function haveSynced(informers: ControllerInformers, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => {
    resolve(undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  const all = [
    informers.clusters,
    informers.members,
    informers.clusterGroups,
    informers.placementGroups,
    informers.instances,
    informers.images,
    informers.profiles,
    informers.storagePools,
    informers.networks,
  ];
  await Promise.race([promise, Promise.all(all.map(({ synced }) => synced))]);
  signal.removeEventListener('abort', stop);
  return !signal.aborted;
}
