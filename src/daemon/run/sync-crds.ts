import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { customResourceDefinitions, type CustomResourceDefinition } from '../../api/builtin.ts';
import type { Logger } from '../../base/logger.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';

/** Of the release whose definition it is: a leader of an older release leaves it alone. */
const levelAnnotation = 'muster.dev/feature-level';

export interface SyncCrdsDeps {
  readonly clusterApi: Pick<ClusterApi, 'apply' | 'list'>;
  readonly logger: Logger;
  /** What this release can do. */
  readonly featureLevel: number;
}

const fieldManager = 'muster-definitions';

/** Reads the definitions that this release is made of. */
export async function readCrds(directory: string): Promise<CustomResourceDefinition[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(directory, name), 'utf8');
      return load(text) as CustomResourceDefinition; // our own file
    }),
  );
}

export type CrdSync = (
  definitions: readonly CustomResourceDefinition[],
  signal: AbortSignal,
) => Promise<void>;

/**
 * Makes the cluster's definitions those of this release: what an older release or a person has changed is put back.
 * Those of a newer one stay: its members may have written what only they describe.
 */
export function createCrdSync({ clusterApi, logger, featureLevel }: SyncCrdsDeps): CrdSync {
  /** As our last apply left them: what nobody has touched since need not be applied again. */
  const applied = new Map<string, string | undefined>();
  return async (definitions, signal) => {
    const { items } = await clusterApi.list(customResourceDefinitions, {}, signal);
    const stored = new Map(items.map(({ metadata }) => [metadata.name, metadata]));
    for (const desired of definitions) {
      const { name } = desired.metadata;
      const { resourceVersion: before, annotations } = stored.get(name) ?? {};
      if (before !== undefined && before === applied.get(name)) continue;
      if (Number(annotations?.[levelAnnotation] ?? 0) > featureLevel) continue;
      const options = { fieldManager, isForced: true };
      const { metadata } = await clusterApi.apply(
        customResourceDefinitions,
        withLevel(desired, featureLevel),
        options,
        signal,
      );
      applied.set(name, metadata.resourceVersion);
      if (metadata.resourceVersion === before) continue;
      logger.info({ definition: name }, before === undefined ? 'defined a kind' : 'changed a kind');
    }
  };
}

function withLevel(definition: CustomResourceDefinition, level: number): CustomResourceDefinition {
  const { metadata } = definition;
  const annotations = { ...metadata.annotations, [levelAnnotation]: String(level) };
  return { ...definition, metadata: { ...metadata, annotations } };
}
