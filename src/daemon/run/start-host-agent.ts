import type { Subresource } from '../../apiserver/verbs/subresource.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import type { MemberContext } from './member-context.ts';

export interface HostAgentPart {
  /** What the API serves from this host itself. */
  readonly subresources: readonly Subresource[];
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function startHostAgent(_context: MemberContext, _clusterApi: ClusterApi): Promise<HostAgentPart> {
  return Promise.resolve({
    subresources: [],
    run: (signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    close: () => Promise.resolve(),
  });
}
