import path from 'node:path';
import { findReleaseRoot } from '../../base/release-root.ts';

/** What belongs to the release and lies beside the code. */
export interface ReleasePaths {
  /** The compiled `muster-dqlite`. */
  readonly helper: string;
  readonly crds: string;
  readonly defaultManifests: string;
}

export function findReleasePaths(): ReleasePaths {
  const root = findReleaseRoot(import.meta.url);
  return {
    helper: path.join(root, 'build/muster-dqlite'),
    crds: path.join(root, 'crds'),
    defaultManifests: path.join(root, 'manifests/default'),
  };
}
