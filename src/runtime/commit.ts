import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/meta.ts';
import { type ObjectName, type Resource } from '../api/resource.ts';
import type { ClusterWriter } from './cluster-api.ts';
import { mergeDiff } from './merge-diff.ts';

export interface Commit<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  /** As last read. Its resourceVersion is the precondition: a `Conflict` means "look again". */
  readonly stored: T;
  /** The edited copy. */
  readonly draft: T;
  readonly fieldManager: string;
}

/**
 * Sends what changed as one patch, or nothing. One pass changes metadata and spec, or status, never both: they
 * are different requests, and a crash between two would leave a state that no step has decided.
 */
export async function commit<T extends KubernetesObject>(
  clusterApi: Pick<ClusterWriter, 'mergePatch'>,
  { resource, stored, draft, fieldManager }: Commit<T>,
  signal: AbortSignal,
): Promise<T> {
  const { status: statusBefore, ...restBefore } = withStatus(stored);
  const { status: statusAfter, ...restAfter } = withStatus(draft);
  const status = mergeDiff(statusBefore ?? {}, statusAfter ?? {});
  const rest = mergeDiff(restBefore, restAfter);
  if (status === undefined && rest === undefined) return stored;
  assert(
    status === undefined || rest === undefined,
    `${resource.kind} ${stored.metadata.name}: status and the rest changed in the same pass`,
  );
  const metadata = { resourceVersion: stored.metadata.resourceVersion };
  const name = nameOf(stored);
  if (status !== undefined) {
    const options = { subresource: 'status', fieldManager } as const;
    return clusterApi.mergePatch(resource, name, { metadata, status }, options, signal);
  }
  const patch = mergeMetadata(rest, metadata);
  return clusterApi.mergePatch(resource, name, patch, { fieldManager }, signal);
}

function withStatus(object: KubernetesObject): KubernetesObject & { readonly status?: unknown } {
  return object;
}

function nameOf({ metadata: { name, namespace } }: KubernetesObject): ObjectName {
  return namespace === undefined ? { name } : { name, namespace };
}

function mergeMetadata(patch: unknown, metadata: object): object {
  const { metadata: changed, ...others } = patch as { metadata?: object }; // a diff of two objects is an object
  return { ...others, metadata: { ...changed, ...metadata } };
}
