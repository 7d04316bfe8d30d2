import { isDeepStrictEqual } from 'node:util';
import { configMaps, type ConfigMap } from '../../api/builtin.ts';
import { manifestAnnotation } from '../../api/names.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { applyObject, manifestFieldManager, type ManifestPolicy } from './apply-object.ts';
import { buildInventory, inventoryName, parseInventory, type Inventory } from './inventory.ts';
import { readKinds, type Kinds } from './kinds.ts';
import { describeRef, formatRef, refOf, type ObjectRef } from './object-ref.ts';
import { planDirectory, type DesiredObject, type FileProblem } from './plan-directory.ts';
import type { DirectoryFiles } from './read-directory.ts';

export interface ManifestSource {
  /** Unique in the cluster, and the same after a restart: part of the inventory's name. */
  readonly id: string;
  readonly directory: string;
  readonly policy: ManifestPolicy;
}

export interface SyncDeps {
  readonly clusterApi: ClusterApi;
  readonly logger: Logger;
}

export interface SyncResult {
  readonly inventory: ConfigMap;
  /** What has to be told to people; everything else is applied. */
  readonly problems: readonly FileProblem[];
}

/** Brings the cluster to what the files of the directory say. Throws only when it could not even begin. */
export async function syncDirectory(
  { clusterApi, logger }: SyncDeps,
  { files, ...source }: ManifestSource & { readonly files: DirectoryFiles },
  signal: AbortSignal,
): Promise<SyncResult> {
  const kinds = await readKinds(clusterApi, signal);
  const stored = await clusterApi.get(configMaps, inventoryName(source.id), signal);
  const before = parseInventory(stored);
  const plan = planDirectory(files, before, (object) => kinds.complete(object));

  // Written before the first object: what is made must be known even if we end in between.
  const covering = await writeInventory(clusterApi, source, stored, mergeInventories(before, plan), signal);
  const known = new Set([...before.values()].flat().map(formatRef));
  const problems = [...plan.problems];
  for (const desired of plan.apply) {
    const problem = await applyOne({ clusterApi, logger, kinds, source, known }, desired, signal);
    if (problem !== undefined) problems.push(problem);
  }
  const remaining = await pruneAll({ clusterApi, logger, kinds, source, problems }, plan.prune, signal);
  const rest = remaining.length === 0 ? [] : [['(vanished)', remaining] as const];
  const inventory = await writeInventory(
    clusterApi,
    source,
    covering,
    new Map([...plan.inventory, ...rest]),
    signal,
  );
  return { inventory, problems };
}

interface ApplyContext extends SyncDeps {
  readonly kinds: Kinds;
  readonly source: ManifestSource;
  readonly known: ReadonlySet<string>;
}

async function applyOne(
  { clusterApi, logger, kinds, source, known }: ApplyContext,
  { object, file, line }: DesiredObject,
  signal: AbortSignal,
): Promise<FileProblem | undefined> {
  const ref = refOf(object);
  const resource = kinds.find(ref);
  if (resource === undefined) {
    return { file, line, problem: `this cluster has no kind ${ref.kind} in ${ref.apiVersion}` };
  }
  const { id, policy } = source;
  const target = { resource, object, origin: `${id}/${file}`, policy, isKnown: known.has(formatRef(ref)) };
  try {
    const result = await applyObject(clusterApi, target, signal);
    if (result === 'changed' || result === 'created') {
      logger.info({ object: describeRef(ref), file, result }, 'applied a manifest');
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return { file, line, problem: `${describeRef(ref)}: ${describeError(error)}` };
  }
}

interface PruneContext extends SyncDeps {
  readonly kinds: Kinds;
  readonly source: ManifestSource;
  readonly problems: FileProblem[];
}

/** Answers what could not be deleted; it stays in the inventory for the next time. */
async function pruneAll(
  { clusterApi, logger, kinds, source, problems }: PruneContext,
  refs: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<ObjectRef[]> {
  const remaining: ObjectRef[] = [];
  for (const ref of refs) {
    const resource = kinds.find(ref);
    // A kind that is gone has taken its objects with it.
    if (resource === undefined) continue;
    try {
      const live = await clusterApi.get(resource, ref, signal);
      const origin = live?.metadata.annotations?.[manifestAnnotation];
      // Another source, or a person, has taken it over.
      if (live === undefined || origin?.startsWith(`${source.id}/`) !== true) continue;
      const { uid } = live.metadata;
      await clusterApi.delete(resource, ref, uid === undefined ? {} : { uid }, signal);
      logger.info(
        { object: describeRef(ref), source: source.id },
        'deleted what vanished from the manifests',
      );
    } catch (error) {
      signal.throwIfAborted();
      remaining.push(ref);
      problems.push({ file: '(vanished)', problem: `deleting ${describeRef(ref)}: ${describeError(error)}` });
    }
  }
  return remaining;
}

function mergeInventories(before: Inventory, { inventory }: { readonly inventory: Inventory }): Inventory {
  const files = new Set([...before.keys(), ...inventory.keys()]);
  return new Map(
    [...files].map((file) => {
      const refs = [...(before.get(file) ?? []), ...(inventory.get(file) ?? [])];
      return [file, [...new Map(refs.map((ref) => [formatRef(ref), ref])).values()]] as const;
    }),
  );
}

async function writeInventory(
  clusterApi: ClusterApi,
  { id, directory }: ManifestSource,
  stored: ConfigMap | undefined,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<ConfigMap> {
  const desired = buildInventory(id, directory, inventory);
  if (stored !== undefined && isDeepStrictEqual(stored.data, desired.data)) return stored;
  const options = { fieldManager: manifestFieldManager, isForced: true };
  return clusterApi.apply(configMaps, desired, options, signal);
}
