import { bufferFromFileOrString, KubeConfig } from '@kubernetes/client-node';
import type { ApiEndpoint } from './api-connection.ts';

/**
 * The ways into the cluster of the current context, that one first: every context of the same user at a server that
 * the same authority vouches for.
 */
export function readKubeconfigEndpoints(path: string): readonly [ApiEndpoint, ...ApiEndpoint[]] {
  const current = readKubeconfig(path);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(path);
  const user = kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.user;
  const others = kubeConfig.getContexts().flatMap((context) => {
    const cluster = kubeConfig.getCluster(context.cluster);
    if (context.user !== user || cluster === null) return [];
    if (readPem(cluster.caFile, cluster.caData) !== current.caPem) return [];
    const { serverName: _own, ...rest } = current;
    return [{ ...rest, server: cluster.server, ...defined({ serverName: cluster.tlsServerName }) }];
  });
  const further = new Map(others.map((one) => [one.server, one]));
  further.delete(current.server);
  return [current, ...further.values()];
}

/** Reads the current context of a kubeconfig file. Exec and OIDC credentials are not understood. */
export function readKubeconfig(path: string): ApiEndpoint {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(path);
  const cluster = kubeConfig.getCurrentCluster();
  const caPem = readPem(cluster?.caFile, cluster?.caData);
  if (cluster === null || caPem === undefined) {
    throw new Error(`${path} has no current context with a server and a certificate authority`);
  }
  const { server, tlsServerName } = cluster;
  return { server, caPem, ...readCredentials(kubeConfig), ...defined({ serverName: tlsServerName }) };
}

function readCredentials(kubeConfig: KubeConfig): Pick<ApiEndpoint, 'certPem' | 'keyPem' | 'token'> {
  const user = kubeConfig.getCurrentUser();
  if (user === null) return {};
  const certPem = readPem(user.certFile, user.certData);
  const keyPem = readPem(user.keyFile, user.keyData);
  return { ...defined({ certPem }), ...defined({ keyPem }), ...defined({ token: user.token }) };
}

function readPem(file: string | undefined, base64: string | undefined): string | undefined {
  return bufferFromFileOrString(file, base64)?.toString();
}

/** Leaves out what is undefined, as exact optional properties want it. */
function defined<K extends string>(values: Record<K, string | undefined>): Partial<Record<K, string>> {
  const entries = Object.entries<string | undefined>(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<K, string>>; // the filter removed the undefined ones
}
