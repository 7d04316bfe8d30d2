import type { CustomResourceDefinition } from '../../api/builtin.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { inStep } from '../../base/in-step.ts';
import type { Logger } from '../../base/logger.ts';
import type { StoreReader } from '../../consensus/store/store.ts';
import { isAborted, pause } from '../../runtime/backoff.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { sweepTokens } from '../join/sweep-tokens.ts';
import { createBootstrapObjects } from './bootstrap-objects.ts';
import type { CrdSync } from './sync-crds.ts';

export interface UpkeepDeps {
  readonly store: Pick<StoreReader, 'revision'>;
  readonly clusterApi: Pick<ClusterApi, 'create' | 'delete' | 'get' | 'list'>;
  readonly readDefinitions: () => Promise<readonly CustomResourceDefinition[]>;
  readonly syncCrds: CrdSync;
  /** Whether the leader has heard this member. */
  readonly hasArrived: (memberName: string) => boolean;
  readonly authority: { readonly certPem: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

const upkeepMs = 30_000;

/**
 * Puts back what a cluster cannot be without, and takes away what nobody can use any more. Where nothing was written
 * since the last time nothing can be missing, and only tokens grow old by themselves.
 */
export async function keepUpkeep(deps: UpkeepDeps, signal: AbortSignal): Promise<void> {
  const { store, clusterApi, clock, logger, hasArrived, authority, syncCrds } = deps;
  let settledRevision: number | undefined;
  let waitingTokens = 0;
  while (await pause(clock, inStep(clock, upkeepMs), signal)) {
    // Read first: what is written meanwhile, and be it by ourselves, is looked at the next time.
    const { revision } = store;
    const hasNews = revision !== settledRevision;
    try {
      if (hasNews) {
        await syncCrds(await deps.readDefinitions(), signal);
        await createBootstrapObjects(clusterApi, { list: () => [] }, signal);
      }
      if (hasNews || waitingTokens > 0) {
        waitingTokens = await sweepTokens({ clusterApi, hasArrived, authority, clock }, signal);
      }
      settledRevision = revision;
    } catch (error) {
      if (isAborted(signal)) return;
      settledRevision = undefined;
      logger.warn({ reason: describeError(error) }, 'the upkeep of the cluster failed, trying again');
    }
  }
}
