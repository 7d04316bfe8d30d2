import type { KubernetesObject } from '../../api/meta.ts';
import { UsageError } from '../usage-error.ts';
import type { Preseed, PreseedCluster, PreseedMemberConfig } from './preseed.ts';
import { readAddresses, withPort, type HostDefaults } from './addresses.ts';
import { translateObjects } from './translate.ts';

/** What `muster init` will do to this host. */
export type InitPlan = BootstrapPlan | JoinPlan;

export interface BootstrapPlan {
  readonly kind: 'bootstrap';
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
  readonly listen?: string;
  /** To be made or changed once the cluster answers, in this order. */
  readonly objects: readonly KubernetesObject[];
}

export interface JoinPlan {
  readonly kind: 'join';
  readonly token: string;
  readonly address: string;
  readonly memberConfig: readonly PreseedMemberConfig[];
}

export function planInit(preseed: Preseed, host: HostDefaults): InitPlan {
  const { cluster } = preseed;
  if (cluster !== undefined && isJoin(cluster)) return planJoin(cluster, host);
  if (cluster !== undefined) checkBootstrap(cluster);
  const { address, listen } = readAddresses(preseed.config, host);
  const name = cluster?.serverName ?? host.name;
  const objects = translateObjects(preseed, name);
  return { kind: 'bootstrap', name, address, ...(listen === undefined ? {} : { listen }), objects };
}

function isJoin({ clusterToken, clusterAddress }: PreseedCluster): boolean {
  return clusterToken !== undefined || clusterAddress !== undefined;
}

/** All that is needed is in the token; as in LXD, its name wins over the file's, and the other sections do not count. */
function planJoin(
  { enabled, clusterToken, serverAddress, memberConfig }: PreseedCluster,
  host: HostDefaults,
): JoinPlan {
  if (!enabled) throw new UsageError('preseed: cluster.enabled has to be true for joining a cluster');
  if (clusterToken === undefined) {
    throw new UsageError(
      'preseed: cluster.cluster_token is missing; a member prints one with "muster cluster add NAME"',
    );
  }
  const address = withPort(serverAddress ?? host.address, 'cluster.server_address');
  return { kind: 'join', token: clusterToken, address, memberConfig };
}

function checkBootstrap({ enabled, serverName, serverAddress, memberConfig }: PreseedCluster): void {
  if (enabled && serverName === undefined) {
    throw new UsageError('preseed: cluster.server_name is missing: the name of this member');
  }
  if (!enabled && serverName !== undefined) {
    throw new UsageError('preseed: cluster.server_name has to be empty while cluster.enabled is not true');
  }
  if (serverAddress !== undefined) {
    throw new UsageError(
      'preseed: cluster.server_address is for joining; a first member takes cluster.https_address of config',
    );
  }
  if (memberConfig.length > 0) {
    throw new UsageError(
      'preseed: cluster.member_config is for joining; write it into the pool or network itself',
    );
  }
}
