import { isOnline } from '../../reconcilers/member/availability.ts';
import type { ControllerInformers } from '../informers.ts';
import { createAssumedPlacements, type AssumedPlacements } from './assumed-placements.ts';
import type { DatabaseView } from './database-view.ts';
import { createReferences, type References } from './references.ts';
import { readSettings, type Settings } from './settings.ts';

/** All that controllers know; one for all of them. */
export interface World {
  readonly informers: ControllerInformers;
  readonly references: References;
  readonly assumed: AssumedPlacements;
  readonly database: DatabaseView;
  readonly settings: () => Settings;
  readonly listOnlineMembers: () => readonly string[];
  /** Lets go of the caches. */
  close(): void;
}

export function createWorld(informers: ControllerInformers, database: DatabaseView): World {
  const assumed = createAssumedPlacements(informers.instances);
  return {
    informers,
    database,
    references: createReferences(informers),
    assumed,
    close: assumed.close,
    settings: () => readSettings(informers.clusters),
    listOnlineMembers: () =>
      informers.members
        .list()
        .filter(isOnline)
        .map(({ metadata }) => metadata.name)
        .toSorted(),
  };
}
