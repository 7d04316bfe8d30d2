import { members } from '../../api/generated/resources.ts';
import type { Consensus } from '../../consensus/consensus.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createInformer } from '../../runtime/create-informer.ts';
import { keepName } from '../rename/keep-name.ts';
import type { MemberContext } from './member-context.ts';

export interface SelfDeps {
  readonly context: MemberContext;
  readonly consensus: Pick<Consensus, 'membership' | 'store'>;
  /** Speaks for the cluster. */
  readonly clusterApi: ClusterApi;
  /** Reads as this member. */
  readonly agentApi: ClusterApi;
  readonly stopWork: () => Promise<void>;
}

/** What a member does about its own Member object. Resolves with the name to be started under when that changes. */
export async function followSelf(deps: SelfDeps, signal: AbortSignal): Promise<string | undefined> {
  const { context, consensus, clusterApi, agentApi, stopWork } = deps;
  const { config, clock, random } = context;
  const logger = context.logger.child({ part: 'self' });
  const informer = createInformer(members, { clusterApi: agentApi, clock, random, logger });
  informer.start(signal);
  const { store, membership } = consensus;
  const { id, name } = config;
  return keepName(
    {
      store,
      peers: membership.peers,
      members: informer,
      clusterApi,
      stopWork,
      self: { id, name },
      clock,
      logger,
    },
    signal,
  );
}
