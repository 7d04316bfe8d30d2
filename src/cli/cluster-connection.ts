import { systemClock } from '../base/clock.ts';
import type { ApiEndpoint } from '../runtime/api-connection.ts';
import { chooseEndpoint } from '../runtime/choose-endpoint.ts';
import { createClusterApi } from '../runtime/create-cluster-api.ts';
import type { ClusterApi } from '../runtime/cluster-api.ts';
import { readKubeconfigEndpoints } from '../runtime/kubeconfig.ts';
import { UsageError } from './usage-error.ts';

export interface ClusterConnection {
  readonly clusterApi: ClusterApi;
  readonly endpoint: ApiEndpoint;
  readonly signal: AbortSignal;
}

// Nothing that a person waits for at a prompt should take longer.
const commandMs = 60_000;

/** Runs one command against the cluster of the kubeconfig, and lets go of the connections. */
export async function withCluster<T>(
  kubeconfig: string | undefined,
  run: (connection: ClusterConnection) => Promise<T>,
  limitMs = commandMs,
): Promise<T> {
  const signal = AbortSignal.timeout(limitMs);
  const endpoints = readEndpoints(kubeconfig);
  const endpoint = await chooseEndpoint(endpoints, systemClock, signal);
  const clusterApi = createClusterApi(endpoint);
  try {
    return await run({ clusterApi, endpoint, signal });
  } finally {
    await clusterApi.close();
  }
}

function readEndpoints(kubeconfig: string | undefined): readonly [ApiEndpoint, ...ApiEndpoint[]] {
  if (kubeconfig === undefined || kubeconfig === '') {
    throw new UsageError('no cluster is named: pass --kubeconfig FILE or set KUBECONFIG');
  }
  try {
    return readKubeconfigEndpoints(kubeconfig);
  } catch (error) {
    throw new UsageError(`cannot use the kubeconfig ${kubeconfig}`, { cause: error });
  }
}
