import type { KubernetesObject } from '../api/meta.ts';
import type { ObjectName, Resource } from '../api/resource.ts';

/**
 * The Kubernetes API as controllers, the host agent and the manifest applier see it. Every refusal is an
 * `ApiError`; a `Conflict` means "look again". Every call takes a signal and has a deadline of its own.
 */
export interface ClusterApi extends ClusterReader, ClusterWriter {
  watch<T extends KubernetesObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
}

export interface ClusterReader {
  /** Absence is `undefined`, not an error. */
  get<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    signal: AbortSignal,
  ): Promise<T | undefined>;
  list<T extends KubernetesObject>(
    resource: Resource<T>,
    options: ListOptions,
    signal: AbortSignal,
  ): Promise<ObjectList<T>>;
}

export interface ClusterWriter {
  create<T extends KubernetesObject>(resource: Resource<T>, object: T, signal: AbortSignal): Promise<T>;
  /** Sends the whole object back; its resourceVersion is the precondition. */
  update<T extends KubernetesObject>(resource: Resource<T>, object: T, signal: AbortSignal): Promise<T>;
  /** A JSON merge patch (RFC 7386). Put `metadata.resourceVersion` into it to make it conditional. */
  mergePatch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: object,
    options: PatchOptions,
    signal: AbortSignal,
  ): Promise<T>;
  /**
   * Server-side apply: makes the object, or brings it to what is given. What the manager said before and says no more
   * is taken away, unless somebody else owns it too; a field that others own and that differs is a `Conflict`.
   */
  apply<T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    options: ApplyOptions,
    signal: AbortSignal,
  ): Promise<T>;
  /** Deleting what is not there succeeds. */
  delete<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    options: DeleteOptions,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Absent: linearizable. `0`: whatever the member has, at once, also without quorum. */
  readonly resourceVersion?: string;
}

export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
}

export interface PatchOptions {
  readonly subresource?: 'status';
  readonly fieldManager?: string;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes fields away from others instead of refusing. */
  readonly isForced: boolean;
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface ObjectList<T> {
  readonly resourceVersion: string;
  readonly items: readonly T[];
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'DELETED' | 'MODIFIED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };
