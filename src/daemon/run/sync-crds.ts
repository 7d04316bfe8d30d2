import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { customResourceDefinitions, type CustomResourceDefinition } from '../../api/builtin.ts';
import type { Logger } from '../../base/logger.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { containsAll } from './contains-all.ts';

/** Of the release whose definition it is: a leader of an older release leaves it alone. */
const levelAnnotation = 'muster.dev/feature-level';
/** Of the definition as it was applied: what a later one leaves out shows nowhere else. */
const hashAnnotation = 'muster.dev/definition-hash';

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
    const stored = new Map(items.map((item) => [item.metadata.name, item]));
    for (const definition of definitions) {
      const { name } = definition.metadata;
      const found = stored.get(name);
      const { resourceVersion: before, annotations } = found?.metadata ?? {};
      if (before !== undefined && before === applied.get(name)) continue;
      if (Number(annotations?.[levelAnnotation] ?? 0) > featureLevel) continue;
      const desired = withAnnotations(definition, featureLevel);
      // To apply all of them keeps a new leader busy just when everybody waits for it.
      if (containsAll(found, desired)) {
        applied.set(name, before);
        continue;
      }
      const options = { fieldManager, isForced: true };
      const { metadata } = await clusterApi.apply(customResourceDefinitions, desired, options, signal);
      applied.set(name, metadata.resourceVersion);
      if (metadata.resourceVersion === before) continue;
      logger.info({ definition: name }, before === undefined ? 'defined a kind' : 'changed a kind');
    }
  };
}

function withAnnotations(definition: CustomResourceDefinition, level: number): CustomResourceDefinition {
  const { metadata } = definition;
  const hash = createHash('sha256').update(JSON.stringify(definition)).digest('hex');
  const annotations = {
    ...metadata.annotations,
    [levelAnnotation]: String(level),
    [hashAnnotation]: hash,
  };
  return { ...definition, metadata: { ...metadata, annotations } };
}
