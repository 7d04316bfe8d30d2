import type { Cluster } from '../../api/generated/cluster.ts';
import type { Informer } from '../../runtime/informer.ts';

/** The cluster's settings that controllers follow, with what holds where none is set. */
export interface Settings {
  readonly maxVoters: number;
  readonly maxStandby: number;
  readonly offlineThresholdMs: number;
  readonly imagesMinimalReplica: number;
}

export function readSettings(clusters: Pick<Informer<Cluster>, 'get'>): Settings {
  const spec = clusters.get('cluster')?.spec;
  return {
    maxVoters: spec?.maxVoters ?? 3,
    maxStandby: spec?.maxStandby ?? 2,
    offlineThresholdMs: (spec?.offlineThresholdSeconds ?? 20) * 1_000,
    imagesMinimalReplica: spec?.imagesMinimalReplica ?? 3,
  };
}
