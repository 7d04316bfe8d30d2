import path from 'node:path';

import type { LabMember } from '../../scripts/lab/spec.ts';
import { waitUntilUnused } from '../../src/consensus/engine/wait-until-unused.ts';
import { findReleasePaths } from '../../src/daemon/run/paths.ts';

/** The helper of a musterd that was killed still closes its files: nobody should touch them before it has ended. */
export function waitUntilDatabaseIsClosed({ dataDirectory }: LabMember): Promise<void> {
  return waitUntilUnused(findReleasePaths().helper, path.join(dataDirectory, 'dqlite'));
}
