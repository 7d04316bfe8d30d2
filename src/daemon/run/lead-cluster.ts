import { createControllers } from '../../controllers/create-controllers.ts';
import type { ControllerInformers } from '../../controllers/informers.ts';
import type { Membership } from '../../consensus/membership/membership.ts';
import type { Store } from '../../consensus/store/store.ts';
import { isAborted } from '../../runtime/backoff.ts';
import type { ApiEndpoint } from '../../runtime/api-connection.ts';
import { createClusterApi } from '../../runtime/create-cluster-api.ts';
import { ensureJoinToken } from '../../runtime/issue-join-token.ts';
import { leaderHeaders } from '../../runtime/leader-run.ts';
import type { EventRecorder } from '../../runtime/record-event.ts';
import { createAuthorityControl } from '../authority/authority-control.ts';
import { keepApplied } from '../manifests/keep-applied.ts';
import { createBootstrapObjects } from './bootstrap-objects.ts';
import { keepUpkeep } from './keep-upkeep.ts';
import type { MemberContext } from './member-context.ts';
import { createCrdSync, readCrds } from './sync-crds.ts';

export interface LeadDeps {
  readonly context: MemberContext;
  readonly endpoint: ApiEndpoint;
  readonly membership: Membership;
  readonly store: Store;
  /** Followed from the first term on. */
  readonly informers: () => ControllerInformers;
  readonly events: EventRecorder;
}

/** What only the leading member does. Everything that it writes carries the term, so that a deposed leader's fails. */
export async function leadCluster(deps: LeadDeps, term: number, signal: AbortSignal): Promise<void> {
  const { context, endpoint, membership, store, events } = deps;
  const { clock, random, logger, config, paths } = context;
  const clusterApi = createClusterApi({ ...endpoint, extraHeaders: leaderHeaders(term) });
  try {
    const syncCrds = createCrdSync({ clusterApi, logger, featureLevel: context.featureLevels.newest });
    await syncCrds(await readCrds(paths.crds), signal);
    await createBootstrapObjects(clusterApi, membership.peers, signal);

    const controllers = createControllers({
      ...{ clusterApi, informers: deps.informers(), database: membership, memberName: config.name },
      offerJoinToken: (name, until) =>
        ensureJoinToken({ clusterApi, caPem: context.identity.authority.certPem, clock }, name, until),
      authority: createAuthorityControl(store, { peers: membership.peers, term, clock }),
      ...{ clock, random, logger: logger.child({ part: 'controllers' }) },
    });
    const revision = (): number => store.revision;
    const source = { id: 'default', directory: paths.defaultManifests, policy: 'seed' as const };
    await runTogether(signal, [
      (either) => controllers.run(either),
      (either) => keepApplied({ clusterApi, events, revision, clock, random, logger }, source, either),
      (either) =>
        keepUpkeep(
          {
            ...{ store, clusterApi, syncCrds, clock, logger },
            readDefinitions: () => readCrds(paths.crds),
            hasArrived: (name) => membership.lastHeard().has(name),
            authority: context.identity.authority,
          },
          either,
        ),
    ]);
  } finally {
    await clusterApi.close();
  }
}

/** When one part ends or fails, the others are stopped and waited for. */
async function runTogether(
  signal: AbortSignal,
  parts: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const results = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await part(either);
      } finally {
        ended.abort(new Error('another part of the leader has ended'));
      }
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined && !isAborted(signal)) throw failed.reason;
}
