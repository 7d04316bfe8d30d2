import { clusters, members } from '../../api/generated/resources.ts';
import type { ApiServer } from '../../apiserver/api-server.ts';
import type { Consensus } from '../../consensus/consensus.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createInformer } from '../../runtime/create-informer.ts';
import { createApiDoors } from '../addresses/api-doors.ts';
import { keepAddresses } from '../addresses/keep-addresses.ts';
import { keepKubeconfig } from '../addresses/keep-kubeconfig.ts';
import { lacksHost } from '../addresses/certificate-hosts.ts';
import { createNameResolver } from '../addresses/resolve-names.ts';
import { requireConfig, writeConfig } from '../config.ts';
import { signIdentity } from '../pki/sign-identity.ts';
import { keepName } from '../rename/keep-name.ts';
import type { MemberContext } from './member-context.ts';
import { chooseListen } from './own-endpoint.ts';

export interface SelfDeps {
  readonly context: MemberContext;
  readonly consensus: Pick<Consensus, 'membership' | 'port' | 'store'>;
  readonly apiServer: Pick<ApiServer, 'handleConnection' | 'replaceCertificate'>;
  /** Speaks for the cluster. */
  readonly clusterApi: ClusterApi;
  /** Reads as this member. */
  readonly agentApi: ClusterApi;
  readonly stopWork: () => Promise<void>;
}

/**
 * What a member does about its own Member object: its name and its addresses. Resolves with the name to be started
 * under when that changes.
 */
export async function followSelf(deps: SelfDeps, signal: AbortSignal): Promise<string | undefined> {
  const { context, consensus, clusterApi, agentApi, stopWork } = deps;
  const { config, dataDir, clock, random } = context;
  const logger = context.logger.child({ part: 'self' });
  const options = { clusterApi: agentApi, clock, random, logger };
  const informers = {
    members: createInformer(members, options),
    clusters: createInformer(clusters, options),
  };
  informers.members.start(signal);
  informers.clusters.start(signal);
  const { store, membership } = consensus;
  const { id, name } = config;
  const named = new AbortController();
  const either = AbortSignal.any([signal, named.signal]);
  const [known] = await Promise.all([
    keepName(
      {
        ...{ store, peers: membership.peers, members: informers.members, clusterApi, stopWork },
        ...{ self: { id, name }, clock, logger },
      },
      signal,
    ).finally(() => named.abort(new Error('the member starts again'))),
    keepAddresses(
      {
        ...{ ...informers, clusterApi, memberName: name, clock, logger },
        ...describeAddresses(deps),
      },
      either,
    ),
    keepKubeconfig({ ...informers, file: dataDir.adminKubeconfig, memberName: name, clock, logger }, either),
  ]);
  return known;
}

function describeAddresses({ context, consensus, apiServer }: SelfDeps) {
  const { config, dataDir, identity, clock, logger } = context;
  const held = { certPem: identity.member.certPem, givenAddresses: config.clientAddresses };
  return {
    doors: createApiDoors(apiServer, logger.child({ part: 'doors' })),
    address: () => config.address,
    mainDoor: () => ({ host: chooseListen(config).host, port: consensus.port }),
    resolveNames: createNameResolver(clock),
    givenAddresses: () => held.givenAddresses,
    async forgetGivenAddresses() {
      const { clientAddresses: _told, ...settled } = await requireConfig(dataDir);
      await writeConfig(dataDir, settled);
      held.givenAddresses = undefined;
    },
    async certify(hosts: readonly string[]) {
      if (!lacksHost(held.certPem, hosts)) return;
      const { certPem, keyPem } = await signIdentity(dataDir, identity, { name: config.name, hosts }, clock);
      apiServer.replaceCertificate({ certPem: certPem + identity.authority.certPem, keyPem });
      held.certPem = certPem;
      logger.info({ hosts }, 'the certificate of this member is good for more addresses');
    },
  };
}
