/**
 * What a release can do, as one number that only rises: all of a cluster work at the same level, that of the
 * oldest member. A release that stores or sends something that its predecessor does not understand does so only
 * from the level on that the release itself brings.
 */
export interface FeatureLevels {
  /** The highest that the release can work at. */
  readonly newest: number;
  /** The lowest that it can still work at: that of the release before. */
  readonly oldest: number;
}

/** Of this release. */
export const ownFeatureLevels: FeatureLevels = { newest: 1, oldest: 1 };

/** Why a release with these levels cannot work in a cluster of that level; completes "Muster 1.2 …". */
export function findLevelProblem(levels: FeatureLevels, clusterLevel: number): string | undefined {
  if (levels.newest < clusterLevel) {
    return `is older than the other members (feature level ${levels.newest}, the cluster's is ${clusterLevel}): upgrade it`;
  }
  if (levels.oldest > clusterLevel) {
    return `is newer than the other members can work with (it needs feature level ${levels.oldest}, the cluster's is ${clusterLevel}): upgrade the others first, one release at a time`;
  }
  return undefined;
}
