import { createHash } from 'node:crypto';
import path from 'node:path';
import { keepApplied, type KeepAppliedDeps } from '../manifests/keep-applied.ts';
import type { ManifestSource } from '../manifests/sync-directory.ts';
import type { MemberContext } from './member-context.ts';

/** Keeps the directories applied that were given to this member by `--manifests`. */
export async function applyOwnManifests(
  context: MemberContext,
  { clusterApi, events, revision }: Pick<KeepAppliedDeps, 'clusterApi' | 'events' | 'revision'>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, logger, config } = context;
  const sources = context.manifests.map((directory) => describeSource(config.name, directory));
  const deps = { clusterApi, events, revision, clock, random, logger };
  await Promise.all(sources.map((source) => keepApplied(deps, source, signal)));
}

/** The same directory of the same member is the same source after a restart. */
function describeSource(memberName: string, directory: string): ManifestSource {
  const full = path.resolve(directory);
  const digest = createHash('sha256').update(full).digest('hex').slice(0, 8);
  return { id: `${memberName}-${digest}`, directory: full, policy: 'enforce' };
}
