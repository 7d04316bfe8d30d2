import { X509Certificate } from 'node:crypto';
import type { KubernetesObject } from '../../api/meta.ts';
import { findPasswordProblem } from '../../runtime/trust-password.ts';
import { UsageError } from '../usage-error.ts';
import type { Preseed, PreseedCluster, PreseedMemberConfig } from './preseed.ts';
import { readAddresses, readClientAddresses, withPort, type HostDefaults } from './addresses.ts';
import { translateObjects, trustPasswordKey } from './translate.ts';

/** What `muster init` will do to this host. */
export type InitPlan = BootstrapPlan | JoinPlan;

export interface BootstrapPlan {
  readonly kind: 'bootstrap';
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
  /** Where clients are served besides. */
  readonly clientAddresses: readonly string[];
  /** With which further hosts can join; an empty one ends that. */
  readonly trustPassword?: string;
  /** To be made or changed once the cluster answers, in this order. */
  readonly objects: readonly KubernetesObject[];
}

export interface JoinPlan {
  readonly kind: 'join';
  readonly by: JoinByToken | JoinByPassword;
  readonly address: string;
  readonly clientAddresses?: readonly string[];
  readonly memberConfig: readonly PreseedMemberConfig[];
}

export interface JoinByToken {
  readonly token: string;
}

export interface JoinByPassword {
  readonly name: string;
  /** `host:port` of any member. */
  readonly addressOfMember: string;
  /** SHA-256 of the cluster's certificate. */
  readonly fingerprint: string;
  readonly password: string;
}

export function planInit(preseed: Preseed, host: HostDefaults): InitPlan {
  const { cluster } = preseed;
  if (cluster !== undefined && isJoin(cluster))
    return planJoin(cluster, host, readClientAddresses(preseed.config));
  if (cluster !== undefined) checkBootstrap(cluster);
  const { address, clientAddresses } = readAddresses(preseed.config, host);
  const name = cluster?.serverName ?? host.name;
  const objects = translateObjects(preseed, name);
  const plan = { kind: 'bootstrap' as const, name, address, clientAddresses, objects };
  const trustPassword = readTrustPassword(preseed.config);
  return trustPassword === undefined ? plan : { ...plan, trustPassword };
}

function readTrustPassword({ [trustPasswordKey]: password }: Preseed['config']): string | undefined {
  const problem = password === undefined || password === '' ? undefined : findPasswordProblem(password);
  if (problem !== undefined) throw new UsageError(`preseed: config: ${trustPasswordKey}: ${problem}`);
  return password;
}

function isJoin({ clusterToken, clusterAddress, clusterPassword }: PreseedCluster): boolean {
  return [clusterToken, clusterAddress, clusterPassword].some((given) => given !== undefined);
}

/** As in LXD, the other sections do not count; but where this host serves clients is its own to say. */
function planJoin(cluster: PreseedCluster, host: HostDefaults, clientAddresses: readonly string[]): JoinPlan {
  const { enabled, clusterToken, clusterPassword, serverAddress, memberConfig } = cluster;
  if (!enabled) throw new UsageError('preseed: cluster.enabled has to be true for joining a cluster');
  const address = withPort(serverAddress ?? host.address, 'cluster.server_address');
  if (clusterToken !== undefined && clusterPassword !== undefined) {
    throw new UsageError('preseed: give cluster.cluster_token or cluster.cluster_password, not both');
  }
  // All that is needed is in the token: its name wins over the file's.
  if (clusterToken !== undefined)
    return { kind: 'join', by: { token: clusterToken }, address, clientAddresses, memberConfig };
  if (clusterPassword === undefined) {
    throw new UsageError(
      'preseed: cluster.cluster_token is missing; a member prints one with "muster cluster add NAME"',
    );
  }
  return { kind: 'join', by: planPassword(cluster, clusterPassword), address, clientAddresses, memberConfig };
}

function planPassword(
  { serverName, clusterAddress, clusterCertificate }: PreseedCluster,
  password: string,
): JoinByPassword {
  if (serverName === undefined) {
    throw new UsageError('preseed: cluster.server_name is missing: the name of this member');
  }
  if (clusterAddress === undefined) {
    throw new UsageError('preseed: cluster.cluster_address is missing: where a member of the cluster is');
  }
  if (clusterCertificate === undefined) {
    throw new UsageError(
      'preseed: cluster.cluster_certificate is missing: without it the password could be sent to anybody; ' +
        'it is cluster.crt in the data directory of any member',
    );
  }
  return {
    name: serverName,
    addressOfMember: withPort(clusterAddress, 'cluster.cluster_address'),
    fingerprint: readFingerprint(clusterCertificate),
    password,
  };
}

function readFingerprint(pem: string): string {
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch {
    throw new UsageError('preseed: cluster.cluster_certificate has to be a PEM-encoded X.509 certificate');
  }
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
