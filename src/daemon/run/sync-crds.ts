import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { isApiError } from '../../api/api-error.ts';
import { customResourceDefinitions, type CustomResourceDefinition } from '../../api/builtin.ts';
import type { Logger } from '../../base/logger.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { threeWayPatch } from '../manifests/three-way-patch.ts';

export interface SyncCrdsDeps {
  readonly clusterApi: Pick<ClusterApi, 'create' | 'list' | 'update'>;
  readonly logger: Logger;
}

const hashAnnotation = 'muster.dev/definition-sha256';

/** Reads the definitions that this release is made of. */
export async function readCrds(directory: string): Promise<CustomResourceDefinition[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(directory, name), 'utf8');
      const definition = load(text) as CustomResourceDefinition; // our own file
      const sha256 = createHash('sha256').update(text).digest('hex');
      const { metadata } = definition;
      const annotations = { ...metadata.annotations, [hashAnnotation]: sha256 };
      return { ...definition, metadata: { ...metadata, annotations } };
    }),
  );
}

/** Makes the cluster's definitions those of this release. */
export async function syncCrds(
  { clusterApi, logger }: SyncCrdsDeps,
  definitions: readonly CustomResourceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const { items } = await clusterApi.list(customResourceDefinitions, {}, signal);
  const stored = new Map(items.map((definition) => [definition.metadata.name, definition]));
  for (const desired of definitions) {
    const { name } = desired.metadata;
    const live = stored.get(name);
    if (live !== undefined && isSame(desired, live)) continue;
    try {
      if (live === undefined) await clusterApi.create(customResourceDefinitions, desired, signal);
      else await clusterApi.update(customResourceDefinitions, merge(live, desired), signal);
      logger.info({ definition: name }, live === undefined ? 'defined a kind' : 'changed a kind');
    } catch (error) {
      // Another leader was here in between; the next look tells.
      if (!isApiError(error, 'AlreadyExists', 'Conflict')) throw error;
    }
  }
}

/** The hash tells that a field was dropped, the comparison that somebody has edited the object. */
function isSame(desired: CustomResourceDefinition, live: CustomResourceDefinition): boolean {
  const hash = live.metadata.annotations?.[hashAnnotation];
  if (hash !== desired.metadata.annotations?.[hashAnnotation]) return false;
  return threeWayPatch({ last: undefined, desired: desired.spec, live: live.spec }, 'enforce') === undefined;
}

function merge(live: CustomResourceDefinition, desired: CustomResourceDefinition): CustomResourceDefinition {
  const annotations = { ...live.metadata.annotations, ...desired.metadata.annotations };
  return { ...live, metadata: { ...live.metadata, annotations }, spec: desired.spec };
}
