import { clusterSettings, type ClusterSettings } from '../../api/defaults.ts';
import { clusterName } from '../../api/names.ts';
import { isOnline } from '../../reconcilers/member/availability.ts';
import type { ControllerInformers } from '../informers.ts';
import { createAssumedPlacements, type AssumedPlacements } from './assumed-placements.ts';
import type { DatabaseView } from './database-view.ts';
import { createReferences, type References } from './references.ts';

/** All that controllers know; one for all of them. */
export interface World {
  readonly informers: ControllerInformers;
  readonly references: References;
  readonly assumed: AssumedPlacements;
  readonly database: DatabaseView;
  readonly settings: () => ClusterSettings;
  readonly listOnlineMembers: () => readonly string[];
  /** Whether the cluster has this member, as far as the caches and the database tell. */
  readonly hasMember: (name: string) => boolean;
  /** Lets go of the caches. */
  close(): void;
}

export function createWorld(informers: ControllerInformers, database: DatabaseView): World {
  const assumed = createAssumedPlacements(informers.instances);
  const references = createReferences(informers);
  return {
    informers,
    database,
    references,
    assumed,
    close() {
      assumed.close();
      references.close();
    },
    settings: () => clusterSettings(informers.clusters.get(clusterName)),
    hasMember: (name) => informers.members.get(name) !== undefined || database.nodeOf(name) !== undefined,
    listOnlineMembers: () =>
      informers.members
        .list()
        .filter(isOnline)
        .map(({ metadata }) => metadata.name)
        .toSorted(),
  };
}
