import type { FeatureLevels } from '../../api/feature-level.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../runtime/backoff.ts';
import type { DriverFamily } from '../../hostagent/host.ts';
import type { MemberConfig } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import type { MemberIdentity } from './member-identity.ts';
import type { ReleasePaths } from './paths.ts';

/** What every part of a running member is given. */
export interface MemberContext {
  readonly dataDir: DataDir;
  readonly config: MemberConfig;
  readonly identity: MemberIdentity;
  readonly paths: ReleasePaths;
  /** Directories of manifests of this member's own. */
  readonly manifests: readonly string[];
  readonly drivers: DriverFamily;
  readonly version: string;
  readonly featureLevels: FeatureLevels;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}
