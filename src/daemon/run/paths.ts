import { fileURLToPath } from 'node:url';

/** What belongs to the release and lies beside the sources. */
export interface ReleasePaths {
  /** The compiled `muster-dqlite`. */
  readonly helper: string;
  readonly crds: string;
  readonly defaultManifests: string;
}

export function findReleasePaths(): ReleasePaths {
  const place = (relative: string): string => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));
  return {
    helper: place('build/muster-dqlite'),
    crds: place('crds'),
    defaultManifests: place('manifests/default'),
  };
}
