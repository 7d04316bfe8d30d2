import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import type { EventRecorder } from '../../runtime/record-event.ts';
import { keepApplied } from '../manifests/keep-applied.ts';
import type { ManifestSource } from '../manifests/sync-directory.ts';
import type { MemberContext } from './member-context.ts';

/** Keeps the directories applied that were given to this member by `--manifests`. */
export async function applyOwnManifests(
  context: MemberContext,
  { clusterApi, events }: { readonly clusterApi: ClusterApi; readonly events: EventRecorder },
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, logger, config } = context;
  const sources = context.manifests.map((directory) => describeSource(config.name, directory));
  const deps = { clusterApi, events, clock, random, logger };
  await Promise.all(sources.map((source) => keepApplied(deps, source, signal)));
}

/** The same directory of the same member is the same source after a restart. */
function describeSource(memberName: string, directory: string): ManifestSource {
  const full = path.resolve(directory);
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 8);
  return { id: `${memberName}-${digest}`, directory: full, policy: 'enforce' };
}
